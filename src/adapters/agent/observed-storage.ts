import { OpsError, UnexpectedOutput, Unreachable } from '../../domain/errors.ts'
import type { HostObservation, Reading, ZfsObservation } from '../../domain/observation.ts'
import type { Storage } from '../../domain/ports/storage.ts'

/** The agent has looked, and got no answer; its words are the message. */
export class NotObserved extends OpsError {
  readonly remedy = 'retry'
}

/** What an observation carries of ZFS. */
export type ObservedStorage = Pick<Storage, keyof Storage & keyof ZfsObservation>

/** A host's ZFS as its agent has last seen it. Nothing runs on the host for it; what is old can be old. */
export function observedStorage(observe: (signal?: AbortSignal) => Promise<HostObservation>): ObservedStorage {
  const last = async <T>(pick: (zfs: ZfsObservation) => Reading<T>, signal?: AbortSignal): Promise<T> => {
    const { host, zfs } = await observe(signal)
    if (zfs === null) throw new NotObserved(`${host} has no store on ZFS`)
    return valueOf(host, pick(zfs))
  }
  return {
    version: (signal) => last(({ version }) => version, signal),
    poolStatus: (signal) => last(({ poolStatus }) => poolStatus, signal),
    pools: (signal) => last(({ pools }) => pools, signal),
    datasets: (_ofStores, signal) => last(({ datasets }) => datasets, signal),
    poolStates: () => last(({ poolStates }) => poolStates),
    arc: async () => (await last(({ arc }) => arc)).after,
  }
}

function valueOf<T>(host: string, { source, last, trouble }: Reading<T>): T {
  if (trouble?.kind === 'not-understood') throw new UnexpectedOutput(trouble.message, trouble.raw ?? '')
  if (trouble?.kind === 'unreachable') throw new Unreachable(trouble.message)
  if (last !== null) return last.value
  throw new NotObserved(`${host} has not been seen by ${source}${trouble === null ? ' yet' : `: ${trouble.message}`}`)
}
