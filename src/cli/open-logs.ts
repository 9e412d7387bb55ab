import { logsOfHost } from '../adapters/agent/fleet-logs.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createPrograms } from '../adapters/system/exec.ts'
import type { Fleet, HostDeclaration } from '../domain/fleet.ts'
import type { Logs } from '../domain/ports/logs.ts'
import { declaredFleet } from './declared-fleet.ts'

/** The fleet as declared, and the logs of its hosts: nothing is contacted until one is read. */
export async function openLogs(
  option: string | undefined,
): Promise<{ fleet: Fleet; logsOf: (host: HostDeclaration) => Logs }> {
  const { fleet, local } = await declaredFleet(option)
  const options = {
    clock: systemClock,
    exec: createPrograms().exec,
    localStores: local?.stores,
    journalctl: local?.logs.journalctl ?? 'journalctl',
  }
  return { fleet, logsOf: (host) => logsOfHost(host, fleet, options) }
}
