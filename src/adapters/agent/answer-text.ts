import type { z } from 'zod'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { apiVersion } from '../../domain/observation.ts'

/** An observation of a large host is some hundred KiB; this bounds what a broken side can make us hold. */
export const maxAnswerBytes = 64 * 1024 * 1024

/** A host with 10,000 datasets has half of it. Checking a million wrong ones took 14 s and 3 GB (measured, zod 4). */
const maxValues = 250_000

/** How many of the differences from the contract are told. */
const toldDifferences = 3

/** The JSON of an answer, by `schema`. Throws {@link UnexpectedOutput}, with the text, when it is anything else. */
export function readAnswer<T extends z.ZodType>(schema: T, text: string, path: string): z.infer<T> {
  return readValue(schema, parseAnswer(text, path), path, text)
}

/** The same of what was read as JSON already; `text` is kept where it is not of the contract. */
export function readValue<T extends z.ZodType>(schema: T, answer: unknown, path: string, text?: string): z.infer<T> {
  const read = schema.safeParse(answer)
  if (read.success) return read.data
  const raw = text ?? JSON.stringify(answer)
  const spoken = spokenVersion(answer)
  if (spoken !== undefined && spoken !== apiVersion) {
    throw new UnexpectedOutput(
      `the other side speaks apiVersion ${spoken} and this Tiercel speaks ${apiVersion}: bring both to one release`,
      raw,
    )
  }
  const differences = read.error.issues.map(({ path: where, message }) => `${where.join('.')}: ${message}`)
  const more = differences.length > toldDifferences ? `, and ${differences.length - toldDifferences} more` : ''
  throw new UnexpectedOutput(
    `the answer to ${path} is not of our contract (${differences.slice(0, toldDifferences).join('; ')}${more})`,
    raw,
  )
}

/** Any JSON of a bearable size. */
export function parseAnswer(text: string, path: string): unknown {
  // A value takes a character at the least: most answers are too short to have too many.
  if (text.length > maxValues && countValues(text) > maxValues) {
    throw new UnexpectedOutput(`the answer to ${path} has more than ${maxValues} values`, text)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UnexpectedOutput(`the answer to ${path} is not JSON`, text, { cause: error })
  }
}

/** How many values a JSON text has, at the least: its commas and opening brackets outside of strings. */
function countValues(text: string): number {
  let count = 0
  let quoted = false
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]
    if (character === '"') quoted = !quoted
    else if (quoted && character === '\\') index += 1
    else if (!quoted && (character === ',' || character === '[' || character === '{')) count += 1
  }
  return count
}

function spokenVersion(answer: unknown): number | undefined {
  if (typeof answer !== 'object' || answer === null || !('apiVersion' in answer)) return undefined
  return typeof answer.apiVersion === 'number' ? answer.apiVersion : undefined
}
