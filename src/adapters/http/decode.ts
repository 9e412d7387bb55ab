import { z } from 'zod'
import { UnexpectedOutput } from '../../domain/errors.ts'

/**
 * `JSON.parse` that keeps every integer exact: one beyond ±2⁵³ becomes a bigint instead of a rounded number. So a schema
 * with `z.int()` refuses it, and {@link Int64} takes it.
 */
export function parseExactJson(text: string): unknown {
  // The reviver makes parsing several times slower, and nearly no text holds such a number.
  if (!sixteenDigits.test(text)) return JSON.parse(text)
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    const source = context?.source ?? ''
    return integer.test(source) ? BigInt(source) : value
  })
}

const sixteenDigits = /\d{16}/
const integer = /^-?\d+$/

/** A 64-bit integer of a peer written in Go, exact whatever its size. */
export const Int64 = z.union([z.int(), z.bigint()]).transform(BigInt)

/** `text` as JSON of the given shape. `request` is what was asked, for the message. Throws UnexpectedOutput. */
export function decode<Schema extends z.ZodType>(schema: Schema, text: string, request: string): z.output<Schema> {
  let value: unknown
  try {
    value = parseExactJson(text)
  } catch (cause) {
    throw new UnexpectedOutput(`${request} answered with something that is not JSON`, text, { cause })
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const where = z.prettifyError(result.error).replaceAll(/\s+/g, ' ')
  throw new UnexpectedOutput(`${request} answered in a shape that we do not know: ${where}`, text)
}
