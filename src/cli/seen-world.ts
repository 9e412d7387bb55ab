import type { Mutes } from '../domain/ports/mutes.ts'
import { mutesFile } from '../adapters/state/mutes-file.ts'
import { stateFolder } from '../adapters/state/state-folder.ts'
import type { FleetOption } from './fleet-option.ts'
import { controllerAddress } from './find-controller.ts'
import type { Terminal } from './terminal.ts'
import { declaredFleet, openReader, type World } from './world.ts'

/** A fleet as it is seen, and the mutes that count there. */
export interface SeenWorld extends Pick<World, 'reader' | 'file'> {
  mutes: Mutes
}

/** What the options of a command say about seeing. */
export type SeenOptions = FleetOption & { json?: true; nagios?: true }

/** The fleet by its controller, where there is one, and by its agents otherwise. */
export async function openSeen(options: SeenOptions, terminal: Terminal): Promise<SeenWorld> {
  const declared = await declaredFleet(options.fleet)
  const { file } = declared
  const address = controllerAddress(options.controller, declared.fleet)
  if (address === undefined) {
    return { file, reader: openReader(declared), mutes: mutesFile(stateFolder(file)) }
  }
  // A controller's HTTP client and its whole API are many files: who asks agents does not wait for them.
  const { seenByController } = await import('./seen-by-controller.ts')
  return seenByController(declared, address, options, terminal)
}
