import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { z } from 'zod'
import { OpsError } from '../../domain/errors.ts'
import { withLock } from './lock.ts'

/** What is remembered cannot be read or written. What is on disk is left as it is. */
export class StateUnusable extends OpsError {
  readonly remedy = 'ask'
}

/** A file of JSON that several processes of one user change: each change is whole, and none is lost. */
export interface StateFile<T> {
  readonly path: string
  /** What is in it; `empty` where there is no file yet. Rejects with {@link StateUnusable}, which names the place. */
  read(): Promise<T>
  /** Reads, changes and writes, alone. Nothing is written where `edit` gives back what it got. */
  change<R>(edit: (before: T) => { after: T; result: R }): Promise<R>
}

/** `lock` is a parameter so that a test can show what is lost without it. */
export function stateFile<S extends z.ZodType>(
  path: string,
  options: { schema: S; empty: z.output<S>; lock?: typeof withLock },
): StateFile<z.output<S>> {
  const { schema, empty, lock = withLock } = options
  const read = async (): Promise<z.output<S>> => {
    const text = await readText(path)
    if (text === undefined) return empty
    const whole = parseJson(text, schema)
    if (whole.success) return whole.data
    try {
      // JSON is YAML: so what is wrong is told with its line, as for files that people write. Slow, but rare.
      const { parseYaml } = await import('../files/parse-yaml.ts')
      return parseYaml(path, text, schema).value
    } catch (cause) {
      throw new StateUnusable(`what is remembered cannot be used, and was left as it is; mend it, or move it away`, {
        cause,
      })
    }
  }
  return {
    path,
    read,
    change: async (edit) =>
      lock(path, async () => {
        const before = await read()
        const { after, result } = edit(before)
        if (after !== before) await writeWhole(path, `${JSON.stringify(after, undefined, 1)}\n`)
        return result
      }),
  }
}

function parseJson<S extends z.ZodType>(
  text: string,
  schema: S,
): { success: true; data: z.output<S> } | { success: false } {
  try {
    return schema.safeParse(JSON.parse(text))
  } catch {
    return { success: false }
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new StateUnusable(`cannot read ${path} (another place: TIERCEL_STATE)`, { cause })
  }
}

/** Never half a file, also after a power cut: written beside, synced, renamed, and the folder synced. */
async function writeWhole(path: string, text: string): Promise<void> {
  const folder = dirname(path)
  const beside = join(folder, `.${randomBytes(6).toString('hex')}.new`)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    try {
      await using file = await open(beside, 'wx', 0o600)
      await file.writeFile(text)
      await file.sync()
    } catch (error) {
      await rm(beside, { force: true })
      throw error
    }
    await rename(beside, path)
    await using entry = await open(folder, 'r')
    await entry.sync()
  } catch (cause) {
    throw new StateUnusable(`cannot write ${path} (another place: TIERCEL_STATE)`, { cause })
  }
}
