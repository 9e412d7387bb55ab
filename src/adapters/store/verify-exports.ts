import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { z } from 'zod'
import { ExportedEntry, ExportHead } from '../../domain/audit-export.ts'
import { NotPermitted } from '../../domain/errors.ts'
import { auditHash } from './audit-hash.ts'

/** What a row of exports says; `fault`: the first line that is not as it was written. */
export interface ExportsVerified {
  from: number
  to: number
  hash: string
  fault: string | null
}

/** Reads exports of an audit, one after the other, each beginning where the one before has ended. */
export async function verifyExports(files: readonly string[]): Promise<ExportsVerified> {
  let last: { sequence: number; hash: string } | undefined
  let from = 0
  for (const file of files) {
    let number = 0
    for await (const line of linesOf(file)) {
      number += 1
      const fault = (says: string): ExportsVerified => ({
        from,
        to: last?.sequence ?? 0,
        hash: last?.hash ?? '',
        fault: `${file}:${number}: ${says}`,
      })
      if (number === 1) {
        const head = read(ExportHead, line)
        if (head === undefined) return fault('is no head of an export')
        if (last !== undefined && (head.after !== last.sequence || head.hash !== last.hash))
          return fault(`begins after entry ${head.after}, and not where the file before has ended`)
        last ??= { sequence: head.after, hash: head.hash }
        if (from === 0) from = head.after + 1
        continue
      }
      const entry = read(ExportedEntry, line)
      if (entry === undefined || last === undefined) return fault('is no entry')
      if (entry.sequence !== last.sequence + 1) return fault(`entry ${last.sequence + 1} is missing`)
      if (auditHash(entry, last.hash) !== entry.hash)
        return fault(`entry ${entry.sequence} is not what was written, or not after the one before it`)
      last = { sequence: entry.sequence, hash: entry.hash }
    }
    if (number === 0) return { from, to: last?.sequence ?? 0, hash: last?.hash ?? '', fault: `${file} is empty` }
  }
  return { from, to: last?.sequence ?? 0, hash: last?.hash ?? '', fault: null }
}

async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  try {
    yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity })
  } catch (cause) {
    throw new NotPermitted(`cannot read ${file}`, 'Name a file that tiercel audit export has written.', { cause })
  }
}

function read<Schema extends z.ZodType>(schema: Schema, line: string): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
