import type { Mutes } from '../domain/ports/mutes.ts'
import type { FleetReader } from '../observe/fleet-reader.ts'
import { mutesFile } from '../adapters/state/mutes-file.ts'
import { stateFolder } from '../adapters/state/state-folder.ts'
import { type DeclaredFleet, declaredFleet, openReader } from './declared-fleet.ts'
import type { FleetOption } from './fleet-option.ts'
import { controllerAddress } from './find-controller.ts'
import type { Terminal } from './terminal.ts'

/** What each command is about: the fleet as declared, and the means to look at it. */
export interface World extends Pick<DeclaredFleet, 'fleet' | 'file'> {
  reader: FleetReader
}

/** Reads the fleet file and makes ready to look; nothing is contacted yet. */
export async function openWorld(option: string | undefined): Promise<World> {
  const declared = await declaredFleet(option)
  return { fleet: declared.fleet, file: declared.file, reader: openReader(declared) }
}

/** A fleet as it is seen, and the mutes that count there. */
export interface SeenWorld extends Pick<World, 'reader' | 'file'> {
  mutes: Mutes
}

/** The fleet by its controller, where there is one, and by its agents otherwise. */
export async function openSeen(
  options: FleetOption & { json?: true; nagios?: true },
  terminal: Terminal,
): Promise<SeenWorld> {
  const declared = await declaredFleet(options.fleet)
  const { file } = declared
  const address = controllerAddress(options.controller, declared.fleet)
  if (address === undefined) return { file, reader: openReader(declared), mutes: mutesFile(stateFolder(file)) }
  // A controller's HTTP client and its whole API are many files: who asks agents does not wait for them.
  const { seenByController } = await import('./seen-by-controller.ts')
  const isForPeople = options.json !== true && options.nagios !== true && terminal.isInteractive
  return { file, ...seenByController(declared, address, { isForPeople, terminal }) }
}
