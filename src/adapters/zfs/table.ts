import type { z } from 'zod'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { Pieces } from '../../domain/read-in-part.ts'

/**
 * The lines of `-H` output, split at TABs, named and read one by one: a row that is not understood loses no other
 * (`ReadInPart`). Names may hold blanks; a TAB or a newline can stand only in a user property or a mount point.
 */
export function readRows<const Column extends string, Value>(
  stdout: string,
  columns: readonly Column[],
  read: (row: Record<Column, string>) => Value,
): Value[] {
  const pieces = new Pieces('row')
  const values: Value[] = []
  for (const line of linesOf(stdout)) {
    pieces.take(line, () => values.push(read(rowOf(line, columns))))
  }
  return pieces.conclude(values)
}

/** The same rows, all or none: for lists that somebody acts on, where what is not listed counts as not there. */
export const rows = <const Column extends string>(
  stdout: string,
  columns: readonly Column[],
): Record<Column, string>[] => linesOf(stdout).map((line) => rowOf(line, columns))

const linesOf = (stdout: string): string[] => stdout.split('\n').filter((line) => line !== '')

/** Refuses a line with another number of cells. */
export function rowOf<const Column extends string>(line: string, columns: readonly Column[]): Record<Column, string> {
  const cells = line.split('\t')
  if (cells.length !== columns.length) {
    throw new UnexpectedOutput(`expected ${columns.length} cells (${columns.join(', ')}), got ${cells.length}`, line)
  }
  const row: Partial<Record<Column, string>> = {}
  for (const [index, column] of columns.entries()) row[column] = cells[index] ?? ''
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every column has just been set
  return row as Record<Column, string>
}

/** Runs the schema; what does not fit is `UnexpectedOutput` with the row it came from. */
export function accept<Schema extends z.ZodType>(schema: Schema, value: unknown, raw: object): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UnexpectedOutput(
    `cannot read ${JSON.stringify(Object.values(raw)[0])}: ${issue?.path.join('.')}: ${issue?.message}`,
    JSON.stringify(raw),
    { cause: parsed.error },
  )
}

/** A whole number of `-p` output; NaN, which no schema accepts, for anything else. `Number('')` would be 0. */
export const whole = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN)

/** The same where `-` and `none` stand for "there is none"; and `0` for a quota that is not set. */
export const wholeOrNull = (text: string): number | null =>
  text === '-' || text === 'none' || text === '' ? null : whole(text)

/** A share that is printed in whole percent. OpenZFS can print 100 and more of a full pool; null for `-`. */
export function shareOrNull(text: string): number | null {
  const percent = wholeOrNull(text.endsWith('%') ? text.slice(0, -1) : text)
  return percent === null ? null : Math.min(1, percent / 100)
}
