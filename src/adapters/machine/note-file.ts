import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'

/** A note in a folder of our own; undefined where there is none, or one that we do not understand. */
export async function readNote<Note extends z.ZodType>(
  folder: string,
  name: string,
  schema: Note,
): Promise<z.output<Note> | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(join(folder, name), 'utf8'))).data
  } catch {
    return undefined
  }
}

/** Puts it in the place of the one before, whole and synced. */
export async function writeNote(folder: string, name: string, note: unknown): Promise<void> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, name)
  await writeFile(`${path}.next`, JSON.stringify(note), { mode: 0o600, flush: true })
  await rename(`${path}.next`, path)
}
