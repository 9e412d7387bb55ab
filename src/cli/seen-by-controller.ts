import { type ControllerAddress, controllerClient } from '../adapters/controller/client.ts'
import { controllerMutes, controllerReader } from '../adapters/controller/controller-reader.ts'
import { explain, Unreachable } from '../domain/errors.ts'
import type { Mutes } from '../domain/ports/mutes.ts'
import type { FleetReader } from '../observe/fleet-reader.ts'
import { type DeclaredFleet, openReader } from './declared-fleet.ts'
import { printableLines, type Terminal } from './terminal.ts'

/**
 * The fleet by its controller. One that does not answer is told, and its agents are asked: when everything is broken,
 * somebody looks.
 */
export function seenByController(
  declared: DeclaredFleet,
  address: ControllerAddress,
  { isForPeople, terminal }: { isForPeople: boolean; terminal: Terminal },
): { reader: FleetReader; mutes: Mutes } {
  const { file } = declared
  const client = controllerClient(address)
  const byController = controllerReader(client, (fleet) => openReader({ ...declared, fleet }))
  let agents: FleetReader | undefined
  const reader: FleetReader = {
    async look() {
      try {
        const view = await byController.look()
        const { standsBack, apart } = await client.ask('whoami')
        for (const why of standsBack === null ? apart : [standsBack])
          terminal.error(
            printableLines(
              `tiercel: warning: this controller changes nothing${standsBack === null ? ' on one host' : ''}: ${why}`,
            ),
          )
        if (isForPeople) terminal.error(`tiercel: as the controller at ${address.url} sees it`)
        return view
      } catch (error) {
        if (!(error instanceof Unreachable) || file === undefined) throw error
        terminal.error(
          printableLines(
            `tiercel: warning: the controller does not answer, so the agents were asked: ${explain(error)}`,
          ),
        )
        agents ??= openReader(declared)
        return agents.look()
      }
    },
    pins: (host, store) => (agents ?? byController).pins(host, store),
    placement: async (place, question, signal) => (agents ?? byController).placement(place, question, signal),
    async close() {
      await Promise.all([byController.close(), agents?.close(), client.close()])
    },
  }
  return { reader, mutes: controllerMutes(client) }
}
