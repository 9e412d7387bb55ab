import { open } from 'node:fs/promises'
import type { z } from 'zod'
import { ConfigInvalid, type Problem } from './config-invalid.ts'
import { issueMessage } from './issue-message.ts'
import { fieldText, type SchemaProblem, schemaProblems } from './issues.ts'
import { type ParsedYaml, parseYamlText } from './yaml-text.ts'

/** Ten thousand hosts with two stores each take 2.6 MB; what is larger takes the parser more than seconds. */
const largestFile = 4 * 1024 * 1024

/** What a file is called when it cannot be read, and what to do when there is none. */
export interface FileWords {
  /** `fleet file`. */
  readonly what: string
  /** A sentence. */
  readonly whenMissing: string
}

/** Reads a YAML file that a person wrote. Rejects with {@link ConfigInvalid}, which names all that is wrong in it. */
export async function readYaml<S extends z.ZodType>(path: string, schema: S, words: FileWords): Promise<z.output<S>> {
  return parseYaml(path, await readText(path, words), schema)
}

/** The same, with what stands in the file: for others, who read it by the schema themselves. */
export async function readYamlAndSource<S extends z.ZodType>(
  path: string,
  schema: S,
  words: FileWords,
): Promise<{ value: z.output<S>; source: unknown }> {
  const text = await readText(path, words)
  const value = parseYaml(path, text, schema)
  const parsed = parseYamlText(text)
  return { value, source: 'data' in parsed ? parsed.data : undefined }
}

/** The text of `file` as the schema wants it. Throws {@link ConfigInvalid}. */
export function parseYaml<S extends z.ZodType>(file: string, text: string, schema: S): z.output<S> {
  const parsed = parseYamlText(text)
  if (!('data' in parsed)) {
    throw new ConfigInvalid(parsed.map((problem) => ({ file, field: '', ...problem })))
  }
  const result = schema.safeParse(parsed.data, { error: issueMessage })
  if (result.success) return result.data
  const problems = schemaProblems(result.error.issues)
  throw new ConfigInvalid(
    [...problems, ...hiddenBehind(problems, parsed, schema)]
      .map((problem) => locate(file, parsed, problem))
      .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
  )
}

/** Rules about the whole (names that must be unique or known) are not looked at while a key is unknown: look without it. */
function hiddenBehind(problems: readonly SchemaProblem[], { data }: ParsedYaml, schema: z.ZodType): SchemaProblem[] {
  if (!problems.every(({ key }) => key !== undefined)) return []
  const copy = structuredClone(data)
  for (const { path, key } of problems) {
    let owner: unknown = copy
    for (const part of path) owner = typeof owner === 'object' && owner !== null ? Reflect.get(owner, part) : undefined
    if (typeof owner === 'object' && owner !== null && key !== undefined) Reflect.deleteProperty(owner, key)
  }
  const again = schema.safeParse(copy, { error: issueMessage })
  return again.success ? [] : schemaProblems(again.error.issues)
}

function locate(file: string, parsed: ParsedYaml, { path, key, message }: SchemaProblem): Problem {
  const { line, column } = key === undefined ? parsed.placeOf(path) : parsed.placeOfKey(path, key)
  return { file, line, column, field: fieldText(key === undefined ? path : [...path, key]), message }
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
