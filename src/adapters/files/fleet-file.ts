import { Fleet } from '../../domain/fleet.ts'
import { Json } from '../../domain/run.ts'
import { readYaml, readYamlAndSource } from './yaml-file.ts'

/** Reads a fleet file (`tiercel.yaml`). Rejects with ConfigInvalid, which names all that is wrong in it. */
export async function readFleet(path: string): Promise<Fleet> {
  return readYaml(path, Fleet, words)
}

/** The same, with the file as it stands: a controller sends it on. */
export async function readFleetAndSource(path: string): Promise<{ fleet: Fleet; source: Json }> {
  const { value, source } = await readYamlAndSource(path, Fleet, words)
  return { fleet: value, source: Json.parse(source) }
}

const words = {
  what: 'fleet file',
  whenMissing: 'Name yours with --fleet FILE or TIERCEL_FLEET; `tiercel init` writes a first one from what it sees',
}
