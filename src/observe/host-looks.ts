import { OpsError, Stuck } from '../domain/errors.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import { type LookAnswer, type LookName, type LookNow, looks, type LookPorts } from './looks.ts'
import type { Observer } from './observer.ts'
import { createProbe, type Probe } from './probe.ts'

/** There is nothing to look at. */
class NotOnZfs extends OpsError {
  readonly remedy = 'stop'
}

/** More different questions than this at once, and most of them hang. */
const questionsAtOnce = 32

/** Looks at a host from its own process: by the probes of its observer, and by its ports. */
export function hostLooks(
  { name, storage }: Pick<HostPorts, 'name' | 'storage'>,
  { observer, marks, clock }: { observer: Pick<Observer, 'zfs'>; marks: LookPorts['marks']; clock: Clock },
): LookNow {
  const onZfs = <T>(part: T | undefined): T => {
    if (part === undefined) throw new NotOnZfs(`no store of ${name} is on ZFS, so there is no pool to look at`)
    return part
  }
  const ports: LookPorts = { storage: () => onZfs(storage), marks }
  /** Of each question that is asked now, or that has not ended yet: its look is not begun twice. */
  const desks = new Map<string, { probe: Probe<unknown>; users: number }>()

  const askOnce = async (what: LookName, question: unknown): Promise<unknown> => {
    const look = looks[what]
    if ('probe' in look) return look.probe(onZfs(observer.zfs)).now()
    const key = JSON.stringify([what, question])
    const leave = () => {
      desk.users -= 1
      if (desk.users === 0) desks.delete(key)
    }
    if (!desks.has(key) && desks.size >= questionsAtOnce) {
      throw new Stuck(`${questionsAtOnce} looks at ${name} have not ended; none is begun beside them`)
    }
    const desk = desks.get(key) ?? {
      users: 0,
      probe: createProbe<unknown>({
        source: look.source,
        timing: { every: look.within, deadline: look.within },
        clock,
        look: async (signal) => {
          desk.users += 1
          try {
            return await look.ask(ports, question, signal)
          } finally {
            leave()
          }
        },
      }),
    }
    desks.set(key, desk)
    desk.users += 1
    try {
      return await desk.probe.now()
    } finally {
      leave()
    }
  }

  return async <Name extends LookName>(what: Name, question: unknown, signal?: AbortSignal) => {
    signal?.throwIfAborted()
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a row's own look gives what its own schema says
    return (await untilAborted(askOnce(what, question), signal)) as LookAnswer<Name>
  }
}

/** The look goes on for whoever else has asked. */
async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const callOff = () => reject(signal.reason)
  signal.addEventListener('abort', callOff, { once: true })
  try {
    return await Promise.race([answer, aborted])
  } finally {
    signal.removeEventListener('abort', callOff)
  }
}
