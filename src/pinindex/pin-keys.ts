import { hash } from 'node:crypto'
import { decodeBase32, encodeBase32 } from '../domain/pins/base-text.ts'
import { plainCidText } from '../domain/pins/cid.ts'
import { pinKeyOf } from '../domain/pins/pin-key.ts'
import type { Appender } from './appender.ts'
import { at, oddKeyBytes, oddPrefix } from './format.ts'

/** By way of a text: Node makes a buffer of it at twice the cost (measured: 0.7 µs and 1.6 µs of processor). */
export const sha256 = (text: string): Buffer => Buffer.from(hash('sha256', text, 'latin1'), 'latin1')

const isText = 0x80_00

/** Writes the key of a CID into a record (`format.ts`), and learns new prefixes on the way. */
export interface KeyWriter {
  readonly prefixes: string[]
  /** The number of a prefix; a new one where there is room, else that of odd CIDs. */
  numberOf(prefix: string): number
  /** `odd` takes the CID where it is not plain; without it, only what is compared is written. */
  write(cid: string, record: Buffer, odd: Appender | undefined): void
}

export function createKeyWriter(prefixes: string[] = []): KeyWriter {
  const numbers = new Map(prefixes.map((prefix, index) => [prefix, index]))
  const numberOf = (prefix: string): number => {
    const known = numbers.get(prefix)
    if (known !== undefined) return known
    if (prefixes.length === oddPrefix) return oddPrefix
    numbers.set(prefix, prefixes.length)
    prefixes.push(prefix)
    return prefixes.length - 1
  }
  return {
    prefixes,
    numberOf,
    write(cid, record, odd) {
      const { prefix, key } = pinKeyOf(cid, sha256)
      const number = prefix === undefined ? oddPrefix : numberOf(prefix)
      record[at.prefix] = number
      if (number !== oddPrefix) {
        record.set(key, 0)
        return
      }
      record.set(prefix === undefined ? key.subarray(0, oddKeyBytes) : sha256(cid).subarray(0, oddKeyBytes), 0)
      record.fill(0, oddKeyBytes, at.prefix)
      if (odd === undefined) return
      const bytes = cid.startsWith('b') ? decodeBase32(cid, 1) : undefined
      const kept = bytes === undefined ? Buffer.from(cid) : Buffer.from(bytes)
      if (kept.length >= isText) throw new RangeError(`a CID of ${kept.length} bytes`)
      record.writeUIntBE(odd.position, oddKeyBytes, 6)
      record.writeUInt16BE(kept.length | (bytes === undefined ? isText : 0), oddKeyBytes + 6)
      odd.write(kept)
    },
  }
}

/** The CID of a record. `readOdd` reads from the file of odd CIDs. */
export function cidOf(
  records: Buffer,
  offset: number,
  prefixes: readonly string[],
  readOdd: (position: number, length: number) => Buffer,
): string {
  const number = records[offset + at.prefix] ?? oddPrefix
  const prefix = prefixes[number]
  if (number !== oddPrefix && prefix !== undefined) {
    return plainCidText(prefix, records.subarray(offset, offset + at.prefix))
  }
  const length = records.readUInt16BE(offset + oddKeyBytes + 6)
  const bytes = readOdd(records.readUIntBE(offset + oddKeyBytes, 6), length & ~isText)
  return (length & isText) === 0 ? `b${encodeBase32(bytes)}` : bytes.toString('utf8')
}
