import { Unreachable } from '../../domain/errors.ts'
import type { HostDeclaration, LocalStore } from '../../domain/fleet.ts'
import type { HostObservation } from '../../domain/observation.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import { ProbeTiming } from '../../domain/probe.ts'
import { type Duration, milliseconds, seconds } from '../../domain/units.ts'
import { hostLooks } from '../../observe/host-looks.ts'
import type { LookNow } from '../../observe/looks.ts'
import { createObserver } from '../../observe/observer.ts'
import type { Exec } from '../system/exec.ts'
import { localHost } from '../local/host-ports.ts'

export interface LocalOptions {
  clock: Clock
  exec: Exec
  tiercelVersion: string
  /** What the local host says of its own stores; the fleet's word where it says nothing. */
  localStores?: readonly LocalStore[] | undefined
  /** How long one host may take. Default 12 s: an SSH login to a slow host, and one answer. */
  deadline?: Duration
}

/** Looks at this machine from this process. */
export interface LocalObserver {
  observation(): Promise<HostObservation>
  look: LookNow
  close(): void
}

/** What is not there when most of the deadline is over is told as not known, instead of nothing at all. */
export function openLocalObserver(
  declaration: HostDeclaration,
  { clock, exec, tiercelVersion, localStores, deadline = seconds(12) }: LocalOptions,
): LocalObserver {
  const stores = localStores ?? declaration.stores.map(({ peer: _expected, ...store }) => store)
  const host = localHost({
    name: declaration.name,
    stores,
    // A host without stores in the file is this machine as it is: whatever pools it has.
    zfs: stores.length === 0 || stores.some(({ pool }) => pool !== undefined),
    exec,
    executor: undefined,
  })
  const nobody = () => Promise.reject(new Unreachable(`there is no agent on ${declaration.name} to ask`))
  const observer = createObserver({ host, timing: oneShotTiming, clock, tiercelVersion })
  return {
    async observation() {
      const { promise: inTime, resolve } = Promise.withResolvers<void>()
      const cancel = clock.after(milliseconds((deadline * 5) / 6), resolve)
      await Promise.race([observer.once(), inTime])
      cancel()
      return observer.observation()
    },
    look: hostLooks(host, { observer, marks: nobody, clock }),
    close: () => void host.close(),
  }
}

/** Somebody waits at a screen: a program that hangs is told after 5 s, not after 20. */
const oneShotTiming = ProbeTiming.parse(
  Object.fromEntries(
    Object.entries(ProbeTiming.parse({})).map(([probe, { every }]) => [probe, { every: `${every}ms`, deadline: '5s' }]),
  ),
)
