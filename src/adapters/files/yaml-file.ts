import { open } from 'node:fs/promises'
import type { z } from 'zod'
import { ConfigInvalid } from './config-invalid.ts'
import { knownYaml } from './known-yaml.ts'

/** Ten thousand hosts with two stores each take 2.6 MB; what is larger takes the parser more than seconds. */
const largestFile = 4 * 1024 * 1024

/** What a file is called when it cannot be read, and what to do when there is none. */
export interface FileWords {
  /** `fleet file`. */
  readonly what: string
  /** A sentence. */
  readonly whenMissing: string
}

/** What stands in a file, as the schema wants it and as it is. */
export interface FromYaml<T> {
  readonly value: T
  readonly source: unknown
}

/** Reads a YAML file that a person wrote. Rejects with {@link ConfigInvalid}, which names all that is wrong in it. */
export async function readYaml<S extends z.ZodType>(
  path: string,
  schema: S,
  words: FileWords,
): Promise<FromYaml<z.output<S>>> {
  const text = await readText(path, words)
  const known = knownYaml(text)
  const source = known?.recall()
  const read = source === undefined ? undefined : schema.safeParse(source)
  if (read?.success === true) return { value: read.data, source }
  const { parseYaml } = await import('./parse-yaml.ts')
  const parsed = parseYaml(path, text, schema)
  known?.remember(parsed.source)
  return parsed
}

async function readText(file: string, { what, whenMissing }: FileWords): Promise<string> {
  const refuse = (message: string, options?: ErrorOptions): ConfigInvalid =>
    new ConfigInvalid([{ file, line: undefined, column: undefined, field: '', message }], options)
  try {
    await using handle = await open(file, 'r')
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of handle.createReadStream({ end: largestFile }) as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
    }
    if (size > largestFile)
      throw refuse(`the ${what} is larger than ${largestFile / 1024 / 1024} MiB; nothing of it was used`)
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (error) {
    if (error instanceof ConfigInvalid) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw refuse(`there is no ${what} here. ${whenMissing}`)
    if (code === 'EACCES') {
      throw refuse(`the ${what} may not be read by this user: change its mode or owner`)
    }
    if (code === 'EISDIR') throw refuse(`this is a folder, not a ${what}: name the file in it`)
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      throw refuse(`the ${what} is not UTF-8 text: save it as UTF-8`)
    }
    throw refuse(`the ${what} cannot be read`, { cause: error })
  }
}
