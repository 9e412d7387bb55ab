import {
  type ControllerAddress,
  type ControllerClient,
  controllerClient,
  ControllerRefused,
} from '../src/adapters/controller/client.ts'
import { PeerSilent, PeerUnreachable } from '../src/adapters/http/errors.ts'
import { isActive, type Json, type RunState } from '../src/domain/run.ts'
import { Instant } from '../src/domain/units.ts'
import type { Lab } from '../lab/open-lab.ts'
import { mustInGuest } from '../lab/ssh.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { claim, Disproved } from './proof.ts'
import { makeId } from '../src/domain/make-id.ts'

/** What is run again and again on the lab: each kind leaves something that can be counted. */
const kinds = ['practice', 'practice that fails', 'scrub'] as const
type Kind = (typeof kinds)[number]

/** One run that was begun. */
export interface LabRun {
  id: string
  kind: Kind
  guest: string
  mark: string
  pool: string
  /** How often its pool had been told to scrub before, for a scrub. */
  scrubsBefore: number
  /** Whether the controller has said that it has it. */
  accepted: boolean
}

type Asked = Pick<ControllerClient, 'ask'>

const pools = ['warm-tier', 'cold-tier'] as const
const inputOf = ({ kind, guest, mark, pool }: LabRun): { procedure: string; input: Json } =>
  kind === 'scrub'
    ? { procedure: 'scrub-pool', input: { host: guest, pool, errorsOnly: false } }
    : { procedure: 'practice', input: { host: guest, mark, seconds: 4, fail: kind !== 'practice', ask: false } }

/** Begins the run of this number on a guest. A controller that dies over it is no failure: whether it has the run is seen later. */
export async function beginRun(lab: Lab, client: Asked, guest: string, number: number, tag: string): Promise<LabRun> {
  const pool = pools[Math.floor(number / kinds.length) % pools.length] ?? pools[0]
  const kind = kinds[number % kinds.length] ?? 'practice'
  const run: LabRun = {
    id: makeId(Instant.parse(Date.now())),
    kind,
    guest,
    mark: `${tag}-${number}`,
    pool,
    scrubsBefore: kind === 'scrub' ? await scrubsOf(lab, guest, pool) : 0,
    accepted: false,
  }
  for (const end = Date.now() + slowHostMs; ; await sleep(3000)) {
    try {
      await client.ask('runStart', { body: { ...inputOf(run), requestId: run.id } })
      run.accepted = true
      return run
    } catch (error) {
      if (isGone(error)) return run
      // A host that has just booted may be too slow to be looked at, and an agent that was killed not be back yet: the
      // controller is right to refuse, and is asked again.
      const isRefused = error instanceof ControllerRefused && error.code === 'preflight-objects'
      if (!isRefused || Date.now() > end) throw error
    }
  }
}

/** How long a start may be refused by what is looked at before it. */
const slowHostMs = 120_000

const isGone = (error: unknown): boolean => error instanceof PeerUnreachable || error instanceof PeerSilent

/** How often a pool was told to scrub, by its own history. */
async function scrubsOf(lab: Lab, guest: string, pool: string): Promise<number> {
  const said = await mustInGuest(
    lab.state,
    lab.guest(guest),
    `zpool sync ${pool}; zpool history ${pool} | grep -c ' zpool scrub ${pool}$' || true`,
    { timeoutMs: 120_000 },
  )
  return Number(said.trim())
}

/**
 * Follows a run to its end as a person would who is asked: looks again, and takes back what has failed. Gives its end and how
 * often it has asked; undefined for a run that the controller never said it had, and has not.
 */
async function endOf(
  address: ControllerAddress,
  run: LabRun,
  within: number,
): Promise<{ state: RunState; asked: number } | undefined> {
  let asked = 0
  let last = 'nobody has answered'
  for (const end = Date.now() + within; Date.now() < end; await sleep(1000)) {
    // A client each time: the controller may be another one by now.
    const client = controllerClient(address)
    try {
      const { runs } = await client.ask('runs', { query: { limit: 200 } })
      if (!runs.some(({ id }) => id === run.id)) {
        claim(!run.accepted, `the run ${run.id} (${run.kind}) was accepted and is lost`)
        return undefined
      }
      const detail = await client.ask('run', { params: { run: run.id } })
      const { state, reason } = detail.run
      last = `${state}: ${reason}`
      if (state === 'asking') {
        asked += 1
        claim(asked <= 5, `the run ${run.id} (${run.kind}) asks again and again: ${detail.question?.text ?? reason}`)
        const choice = detail.question?.choices.find((one) => one === 'look-again') ?? 'leave'
        await client.ask('runAnswer', { params: { run: run.id }, body: { choice } })
      } else if (state === 'failed' && run.kind === 'practice that fails') {
        await client.ask('runUndo', { params: { run: run.id }, body: {} })
      } else if (!isActive(state)) return { state, asked }
    } catch (error) {
      if (!isGone(error)) throw error
    } finally {
      await client.close()
    }
  }
  throw new Disproved(`the run ${run.id} (${run.kind}) has not ended within ${within / 1000} s; ${last}`)
}

/** Whether what a run has left in its guest is what it was to leave: once, or not at all. */
async function checkRun(lab: Lab, run: LabRun, end: RunState): Promise<void> {
  const wanted = run.kind === 'practice that fails' ? 'undone' : 'succeeded'
  claim(end === wanted, `the run ${run.id} (${run.kind}) on ${run.guest} has ended ${end}, not ${wanted}`)
  if (run.kind === 'scrub') {
    const scrubs = (await scrubsOf(lab, run.guest, run.pool)) - run.scrubsBefore
    claim(scrubs === 1, `${run.pool} on ${run.guest} was told to scrub ${scrubs} times by ${run.id}, not once`)
    return
  }
  const found = await mustInGuest(
    lab.state,
    lab.guest(run.guest),
    `find /var/lib/tiercel -name '${run.mark}-*' -printf '%f\\n' | sort`,
  )
  const marks = run.kind === 'practice' ? `${run.mark}-a\n${run.mark}-b\n` : ''
  claim(found === marks, `${run.id} (${run.kind}) has left on ${run.guest}: ${JSON.stringify(found)}`)
}

/** What has become of runs that were begun before something was killed. */
export interface Ended {
  runs: number
  /** How often a person was asked. */
  asked: number
  /** Neither accepted nor there. */
  lost: number
  /** Milliseconds, from the kill or the cut. */
  took: number
}

/** Follows all of them to their ends, and looks at what they have left. */
export async function allEndRight(
  lab: Lab,
  address: ControllerAddress,
  begun: readonly LabRun[],
  since: number,
): Promise<Ended> {
  const ended: Ended = { runs: 0, asked: 0, lost: 0, took: 0 }
  for (const run of begun) {
    const end = await endOf(address, run, 300_000)
    if (end === undefined) {
      ended.lost += 1
      continue
    }
    ended.runs += 1
    ended.asked += end.asked
    await checkRun(lab, run, end.state)
  }
  return { ...ended, took: Date.now() - since }
}

export const summed = (all: readonly Ended[]): Ended => ({
  runs: all.reduce((sum, { runs }) => sum + runs, 0),
  asked: all.reduce((sum, { asked }) => sum + asked, 0),
  lost: all.reduce((sum, { lost }) => sum + lost, 0),
  took: Math.max(0, ...all.map(({ took }) => took)),
})

/** What has ended holds nothing. */
export async function claimNoLocks(address: ControllerAddress): Promise<void> {
  const client = controllerClient(address)
  try {
    const { locks } = await client.ask('locks')
    claim(locks.length === 0, `locks are left: ${JSON.stringify(locks)}`)
  } finally {
    await client.close()
  }
}
