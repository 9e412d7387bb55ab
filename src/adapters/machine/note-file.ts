import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { explain, OpsError } from '../../domain/errors.ts'

/** A note in a folder of our own; undefined where there is none. Rejects for one that cannot be read, or that we do not understand. */
export async function readNote<Note extends z.ZodType>(
  folder: string,
  name: string,
  schema: Note,
): Promise<z.output<Note> | undefined> {
  const path = join(folder, name)
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new NoteUnreadable(`the note ${path} cannot be read: ${explain(error)}`, { cause: error })
  }
}

class NoteUnreadable extends OpsError {
  readonly remedy = 'ask'
}

/** Puts it in the place of the one before, whole and synced. */
export async function writeNote(folder: string, name: string, note: unknown): Promise<void> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, name)
  await writeFile(`${path}.next`, JSON.stringify(note), { mode: 0o600, flush: true })
  await rename(`${path}.next`, path)
}
