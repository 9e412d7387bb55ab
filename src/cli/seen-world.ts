import type { Mutes } from '../domain/ports/mutes.ts'
import { controllerClient } from '../adapters/controller/client.ts'
import { controllerMutes, controllerReader } from '../adapters/controller/controller-reader.ts'
import { mutesFile } from '../adapters/state/mutes-file.ts'
import { stateFolder } from '../adapters/state/state-folder.ts'
import { explain, Unreachable } from '../domain/errors.ts'
import type { FleetReader } from '../observe/fleet-reader.ts'
import type { FleetOption } from './fleet-option.ts'
import { controllerAddress } from './find-controller.ts'
import { printableLines, type Terminal } from './terminal.ts'
import { declaredFleet, openReader, type World } from './world.ts'

/** A fleet as it is seen, and the mutes that count there. */
export interface SeenWorld extends Pick<World, 'reader' | 'file'> {
  mutes: Mutes
}

/**
 * The fleet by its controller, where there is one, and by its agents otherwise. A controller that does not answer is told,
 * and its agents are asked: when everything is broken, somebody looks.
 */
export async function openSeen(
  options: FleetOption & { json?: true; nagios?: true },
  terminal: Terminal,
): Promise<SeenWorld> {
  const declared = await declaredFleet(options.fleet)
  const { file } = declared
  const address = controllerAddress(options.controller, declared.fleet)
  if (address === undefined) {
    return { file, reader: openReader(declared), mutes: mutesFile(stateFolder(file)) }
  }
  const client = controllerClient(address)
  const byController = controllerReader(client, (fleet) => openReader({ ...declared, fleet }))
  let agents: FleetReader | undefined
  const reader: FleetReader = {
    async look() {
      try {
        const view = await byController.look()
        const { standsBack } = await client.ask('whoami')
        if (standsBack !== null)
          terminal.error(printableLines(`tiercel: warning: this controller changes nothing: ${standsBack}`))
        if (options.json !== true && options.nagios !== true && terminal.isInteractive)
          terminal.error(`tiercel: as the controller at ${address.url} sees it`)
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
  return { file, reader, mutes: controllerMutes(client) }
}
