import { Fleet } from '../../domain/fleet.ts'
import type { FleetView } from '../../domain/health/view.ts'
import { emptyMuteBook } from '../../domain/health/mute.ts'
import { Unreachable } from '../../domain/errors.ts'
import type { Mutes } from '../../domain/ports/mutes.ts'
import type { FleetReader } from '../../observe/fleet-reader.ts'
import type { ControllerClient } from './client.ts'

/**
 * The fleet as a controller has seen it. What lies in the pin indexes is asked of the agents themselves, as without a
 * controller: `direct` opens the way to them, from the fleet file of the controller.
 */
export function controllerReader(client: ControllerClient, direct: (fleet: Fleet) => FleetReader): FleetReader {
  let opened: FleetReader | undefined
  const agents = (): FleetReader => {
    if (opened === undefined) throw new Unreachable('the controller has not been asked for the fleet yet')
    return opened
  }
  return {
    async look(): Promise<FleetView> {
      const { at, fleet: source, hosts, placements } = await client.ask('view')
      const fleet = Fleet.parse(source)
      opened ??= direct(fleet)
      return {
        at,
        fleet,
        hosts: fleet.hosts.map((declaration) => ({
          declaration,
          contact: hosts.find(({ name }) => name === declaration.name)?.contact ?? {
            state: 'unreachable',
            error: 'the controller has not asked it',
            at,
          },
        })),
        ...(placements === undefined ? {} : { placements }),
      }
    },
    pins: (host, store) => agents().pins(host, store),
    placement: async (place, question, signal) => agents().placement(place, question, signal),
    close: async () => opened?.close(),
  }
}

/** The mutes that a controller keeps, for all operators. */
export function controllerMutes(client: ControllerClient): Mutes {
  return {
    read: async () => client.ask('mutesList'),
    add: async ({ by: _theTokenSays, ...mute }) => client.ask('mutesAdd', { body: mute }),
    async record(changes) {
      // What a look has found of mutes, the controller finds itself; only what a person ends is asked of it.
      for (const change of changes) {
        if (change.kind === 'ended' && change.because === 'unmuted')
          await client.ask('mutesEnd', { params: { mute: change.id } })
      }
      return changes.length === 0 ? emptyMuteBook : client.ask('mutesList')
    },
  }
}
