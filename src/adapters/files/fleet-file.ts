import { Fleet } from '../../domain/fleet.ts'
import { readYaml } from './yaml-file.ts'

/** Reads a fleet file (`tiercel.yaml`). Rejects with ConfigInvalid, which names all that is wrong in it. */
export async function readFleet(path: string): Promise<Fleet> {
  return readYaml(path, Fleet, {
    what: 'fleet file',
    whenMissing: 'Name yours with --fleet FILE or TIERCEL_FLEET; `tiercel init` writes a first one from what it sees',
  })
}
