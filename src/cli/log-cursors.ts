import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { UsageError } from './errors.ts'

/** Where each source on each host was left: `n1/cluster` to a cursor that only it understands. */
export type Cursors = Map<string, string>

const CursorFile = z.strictObject({ apiVersion: z.literal(1), cursors: z.record(z.string(), z.string()) })

/** The cursors of a file of ours; none where there is no file yet. */
export function readCursors(path: string): Cursors {
  if (!existsSync(path)) return new Map()
  let text: unknown
  try {
    text = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    text = undefined
  }
  const read = CursorFile.safeParse(text)
  if (!read.success) throw new UsageError(`${path} is there, and is no file of cursors; name another one, or remove it`)
  return new Map(Object.entries(read.data.cursors))
}

/** Never half a file: written beside, then renamed. {@link UsageError} where that cannot be. */
export function writeCursors(path: string, cursors: Cursors): void {
  const beside = `${path}.new`
  try {
    writeFileSync(beside, `${JSON.stringify({ apiVersion: 1, cursors: Object.fromEntries(cursors) }, undefined, 2)}\n`)
    renameSync(beside, path)
  } catch (cause) {
    throw new UsageError(`the cursors cannot be written to ${path}; its folder must be there and be yours`, { cause })
  }
}
