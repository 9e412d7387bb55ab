import {
  type ExecutorVersion as Version,
  executorPaths,
  ExecutorVersion,
  ProbeOutcome,
  type ProbeRequest,
} from '../../api/executor.ts'
import type { SecretRef } from '../../domain/fleet.ts'
import { apiVersion } from '../../domain/observation.ts'
import { readSecret, SecretUnreadable } from '../system/secrets.ts'
import { ask, Refused } from './ask.ts'
import { NotPermitted, ProgramMissing, Stuck, Unreachable } from '../../domain/errors.ts'

/** The root helper of this host. */
export interface Executor {
  version(signal?: AbortSignal): Promise<Version>
  /** The stdout of `zpool status` with the list of damaged files. Throws {@link NotPermitted} when no executor answers. */
  poolStatus(options: { json: boolean }, signal?: AbortSignal): Promise<string>
  /** The newest lines of the pool's history that tell which transactions a scan was to read (`readScanSetups`). */
  scanSetups(pool: string, signal?: AbortSignal): Promise<string>
  /** The stdout of `zpool events -H -v`. */
  zpoolEvents(signal?: AbortSignal): Promise<string>
  /** The records of /dev/kmsg. */
  kernelLog(signal?: AbortSignal): Promise<string>
  /** The settings of a store's Cluster peer, as JSON, without secrets. */
  clusterSettings(options: { store: string }, signal?: AbortSignal): Promise<string>
  /** What smartctl prints of one disk, by the kernel's name of it. Throws {@link ProgramMissing} where there is no smartctl. */
  smart(disk: string, signal?: AbortSignal): Promise<string>
}

/** Where it listens. */
export interface Reached {
  socket: string
  token: SecretRef
}

/** What to do when it does not answer. */
export const startIt =
  'start it: sudo systemctl enable --now tiercel-executor.socket (or install it: sudo tiercel agent install)'

/** What to do when it does not know us. */
export const tokensOfBoth =
  'both read the token when they start: sudo systemctl restart tiercel-agent, and sudo systemctl stop tiercel-executor.service (its socket starts it again)'

export function executorClient({ socket, token }: Reached): Executor {
  const permitted = async <T>(look: (token: string) => Promise<T>, signal?: AbortSignal): Promise<T> => {
    try {
      return await look(await readSecret(token))
    } catch (error) {
      // A zpool that hangs there is no lack of rights here.
      if (signal?.aborted === true) throw new Stuck('the executor did not answer in time', { cause: error })
      if (error instanceof Refused && error.code === 'stuck') throw new Stuck(error.message)
      if (error instanceof Refused && error.code === 'missing-program') {
        throw new ProgramMissing(error.message, error.hint ?? '')
      }
      if (error instanceof Unreachable || error instanceof SecretUnreadable) {
        throw new NotPermitted('the executor does not answer, so what needs root is not seen', startIt, {
          cause: error,
        })
      }
      if (error instanceof Refused && error.code === 'not-authenticated') {
        throw new NotPermitted('the executor does not accept our token', tokensOfBoth, { cause: error })
      }
      throw error
    }
  }
  const probe = (body: ProbeRequest, signal?: AbortSignal): Promise<string> =>
    permitted(async (secret) => {
      const asked = { path: executorPaths.probe, body, token: secret, signal }
      return (await ask({ socketPath: socket }, ProbeOutcome, asked)).stdout
    }, signal)
  return {
    version: (signal) =>
      permitted(
        (secret) =>
          ask({ socketPath: socket }, ExecutorVersion, { path: executorPaths.version, token: secret, signal }),
        signal,
      ),
    poolStatus: ({ json }, signal) => probe({ apiVersion, probe: 'pool-status', json }, signal),
    scanSetups: (pool, signal) => probe({ apiVersion, probe: 'scan-setups', pool }, signal),
    zpoolEvents: (signal) => probe({ apiVersion, probe: 'zpool-events' }, signal),
    kernelLog: (signal) => probe({ apiVersion, probe: 'kernel-log' }, signal),
    clusterSettings: ({ store }, signal) => probe({ apiVersion, probe: 'cluster-settings', store }, signal),
    smart: (disk, signal) => probe({ apiVersion, probe: 'smart', disk }, signal),
  }
}
