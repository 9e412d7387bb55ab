import type { z } from 'zod'
import { Fleet } from '../../domain/fleet.ts'
import { Json } from '../../domain/run.ts'
import { readYaml } from './yaml-file.ts'

/** Reads a fleet file (`tiercel.yaml`). Rejects with ConfigInvalid, which names all that is wrong in it. */
export async function readFleet(path: string): Promise<Fleet> {
  return (await readYaml(path, Fleet, words)).value
}

/** Holds it against a schema that knows more of it. Rejects as above. */
export async function checkFleet(path: string, schema: z.ZodType): Promise<void> {
  await readYaml(path, schema, words)
}

/** The same, with the file as it stands: a controller sends it on. */
export async function readFleetAndSource(path: string): Promise<{ fleet: Fleet; source: Json }> {
  const { value, source } = await readYaml(path, Fleet, words)
  return { fleet: value, source: Json.parse(source) }
}

const words = {
  what: 'fleet file',
  whenMissing: 'Name yours with --fleet FILE or TIERCEL_FLEET; `tiercel init` writes a first one from what it sees',
}
