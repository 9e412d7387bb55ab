import type { ClusterSettings } from '../../domain/daemons.ts'
import type { LocalStore } from '../../domain/fleet.ts'
import type { Content } from '../../domain/ports/content.ts'
import type { Daemons } from '../../domain/ports/daemons.ts'
import type { Exec } from '../system/exec.ts'
import { type Announced, lookAtExposure, portOf, portOfUrl } from './exposure.ts'
import { lookAtKubo, procProcesses } from './kubo-process.ts'
import { readListeners } from './listeners.ts'
import { type FileSettings, withEnvironment } from './service-settings.ts'
import { showUnit } from './unit.ts'

/** The daemons of one store on this machine. */
export function localDaemons(options: {
  declaration: LocalStore
  exec: Exec
  content: Content | undefined
  /** Reads service.json, with whatever rights there are. */
  readSettings: (store: string, folder: string, signal?: AbortSignal) => Promise<FileSettings>
}): Daemons {
  const { declaration, exec, content, readSettings } = options
  const { name, clusterFolder, units = {}, clusterApi, kuboApi } = declaration
  let known: ClusterSettings | undefined

  return {
    clusterSettings:
      clusterFolder === undefined
        ? undefined
        : async (signal) => {
            const file = await readSettings(name, clusterFolder, signal)
            const unit = units.cluster === undefined ? undefined : await showUnit(exec, units.cluster, signal)
            known = withEnvironment(file, unit?.environment ?? new Map(), {
              mayBeOverridden: unit === undefined || unit.hasEnvironmentFiles,
            })
            return known
          },

    async kuboProcess(signal) {
      const state = units.kubo === undefined ? undefined : await showUnit(exec, units.kubo, signal)
      const unit = units.kubo === undefined || state === undefined ? undefined : { name: units.kubo, state }
      return lookAtKubo(unit, procProcesses)
    },

    async exposure(signal) {
      // A Kubo that does not answer is told elsewhere; its ports are then those that we know without it.
      const kubo = await content?.settings(signal).catch(() => undefined)
      const announced = [
        ...ports('cluster-api', [
          clusterApi === undefined ? undefined : portOfUrl(clusterApi.url),
          ...(known?.listens.restApi ?? []).map(portOf),
        ]),
        ...ports('ipfs-proxy', (known?.listens.ipfsProxy ?? []).map(portOf)),
        ...ports('pinning-api', (known?.listens.pinningApi ?? []).map(portOf)),
        ...ports('kubo-rpc', [
          kuboApi === undefined ? undefined : portOfUrl(kuboApi.url),
          ...(kubo?.api ?? []).map(portOf),
        ]),
        ...ports('kubo-gateway', (kubo?.gateway ?? []).map(portOf)),
      ]
      signal?.throwIfAborted()
      return lookAtExposure(announced, { listeners: readListeners(), ...(signal === undefined ? {} : { signal }) })
    },
  }
}

const ports = (service: Announced['service'], some: readonly (number | undefined)[]): Announced[] =>
  [...new Set(some)].flatMap((port) => (port === undefined ? [] : [{ service, port }]))
