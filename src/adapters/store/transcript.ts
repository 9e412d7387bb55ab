import type { Kysely } from 'kysely'
import { CommandRecord } from '../../domain/operation.ts'
import type { TranscriptEntry } from '../../domain/ports/run-store.ts'
import { plainText, readJson } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** What one run may fill: whole output up to `bytes`, then bare commands up to `entries`, then nothing more. */
export interface TranscriptBounds {
  bytes: number
  entries: number
}

export const transcriptBounds: TranscriptBounds = { bytes: 8 * 2 ** 20, entries: 100_000 }

export async function addTranscript(
  db: Kysely<Schema>,
  run: string,
  entries: readonly Omit<TranscriptEntry, 'sequence'>[],
  bounds: TranscriptBounds,
): Promise<void> {
  const before = await db
    .selectFrom('transcript_sizes')
    .select(['entries', 'bytes'])
    .where('run', '=', run)
    .executeTakeFirst()
  const size = { entries: before?.entries ?? 0, bytes: before?.bytes ?? 0 }
  for (const entry of entries) {
    if (size.entries >= bounds.entries) break
    size.entries += 1
    const body = bounded(entry, bounds, size)
    size.bytes += Buffer.byteLength(body)
    await db
      .insertInto('transcript')
      .values({ run, sequence: size.entries, step: plainText(entry.step), body })
      .execute()
  }
  await db
    .insertInto('transcript_sizes')
    .values({ run, ...size })
    .onConflict((conflict) => conflict.column('run').doUpdateSet(size))
    .execute()
}

/** The entry as it is stored: whole, or without its output where that is too much. */
function bounded(
  entry: Omit<TranscriptEntry, 'sequence'>,
  bounds: TranscriptBounds,
  size: { entries: number; bytes: number },
): string {
  const isLast = size.entries === bounds.entries
  const whole = JSON.stringify(CommandRecord.parse(entry))
  if (size.bytes + Buffer.byteLength(whole) <= bounds.bytes && !isLast) return whole
  const output = entry.stdout.length + entry.stderr.length
  const note = isLast
    ? `[this transcript is full: ${bounds.entries} commands; those after this one are not kept]`
    : `[${output} characters of output are not kept: the transcript of this run has reached ${bounds.bytes} bytes]`
  return JSON.stringify(CommandRecord.parse({ ...entry, stdout: '', stderr: output > 0 || isLast ? note : '' }))
}

export async function transcriptOf(
  db: Kysely<Schema>,
  run: string,
  after: number,
  limit: number,
): Promise<TranscriptEntry[]> {
  const rows = await db
    .selectFrom('transcript')
    .select(['sequence', 'step', 'body'])
    .where('run', '=', run)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute()
  return rows.map(({ sequence, step, body }) => ({ sequence, step, ...CommandRecord.parse(readJson(body)) }))
}
