import { PinStatus } from '../domain/pinning.ts'
import { type CopyLevel, copyLevels } from '../domain/pins/copy.ts'

// One pin in the file `records`: 50 bytes, in the order of the first 33, numbers big endian.
//
//    0  key, 32 bytes: the hash of the CID; for an odd CID 16 bytes of the hash of its text, then where the CID stands in
//       the file `odd` (6 bytes) and how long it is (2 bytes, the highest bit: it is text, not bytes)
//   32  prefix: what stands before the hash in the CID, by the list in `meta.json`; 255: an odd CID
//   33  digest, 8 bytes
//   41  where its allocation set stands in the file `sets`, 4 bytes
//   45  state: bits 0–1 level, bit 2 held by this peer, bits 3–6 status, bit 7 direct
//   46  minutes from 2020-01-01T00:00:00Z to the last walk, 3 bytes; 0: never
//   49  a sum over all that (CRC-8): with what changes in place it is written as one

export const recordBytes = 50
export const at = { prefix: 32, digest: 33, set: 41, state: 45, walked: 46, check: 49 } as const
/** How many of the first bytes tell two pins apart: of an odd CID, the place in the file is not among them. */
export const keyBytes = 33
export const oddPrefix = 255
/** Of an odd CID, so many bytes of the hash of its text are kept. */
export const oddKeyBytes = 16

/** For the lists that are joined with the pinset: the key alone, and the key with a status. */
export const trackedBytes = keyBytes + 1

const epoch = Date.UTC(2020, 0, 1)
const minute = 60_000

/** Whole minutes, never 0 for a walk that was. */
export const walkedMinutes = (instant: number): number =>
  Math.min(0xff_ff_ff, Math.max(1, Math.floor((instant - epoch) / minute)))
export const walkedInstant = (minutes: number): number | null => (minutes === 0 ? null : epoch + minutes * minute)

/** The part of a record that changes while it stays where it is. */
export interface RecordState {
  level: CopyLevel
  isHeld: boolean
  status: PinStatus
  isDirect: boolean
}

const statuses = PinStatus.options
export const statusNumber: ReadonlyMap<PinStatus, number> = new Map(statuses.map((status, index) => [status, index]))
export const statusOf = (number: number): PinStatus => statuses[number] ?? 'undefined'

export const packState = ({ level, isHeld, status, isDirect }: RecordState): number =>
  copyLevels.indexOf(level) | (isHeld ? 4 : 0) | ((statusNumber.get(status) ?? 0) << 3) | (isDirect ? 128 : 0)

export const unpackState = (byte: number): RecordState => ({
  level: copyLevels[byte & 3] ?? 'allocated',
  isHeld: (byte & 4) !== 0,
  status: statusOf((byte >> 3) & 15),
  isDirect: (byte & 128) !== 0,
})

/** Of each byte: what a CRC-8 (x⁸ + x² + x + 1) makes of it. */
const [next, next2, next3, next4] = checkTables()

/** The same where one, two and three other bytes follow: four bytes at a time take two thirds of the time of one by one. */
function checkTables(): [Uint8Array, Uint8Array, Uint8Array, Uint8Array] {
  const once = Uint8Array.from({ length: 256 }, (_, byte) => {
    let check = byte
    for (let bit = 0; bit < 8; bit += 1) check = (check << 1) ^ ((check & 128) === 0 ? 0 : 0x1_07)
    return check
  })
  const twice = once.map((check) => once[check] ?? 0)
  return [once, twice, twice.map((check) => once[check] ?? 0), twice.map((check) => twice[check] ?? 0)]
}

/** The sum over the record at `offset`: any bit that is turned over turns it, and so do up to eight in a row. */
export function checkOf(records: Uint8Array, offset: number): number {
  let check = 0xff
  // 49 bytes: twelve times four, and one.
  const last = offset + at.check - 1
  for (let index = offset; index < last; index += 4) {
    check =
      (next4[check ^ (records[index] ?? 0)] ?? 0) ^
      (next3[records[index + 1] ?? 0] ?? 0) ^
      (next2[records[index + 2] ?? 0] ?? 0) ^
      (next[records[index + 3] ?? 0] ?? 0)
  }
  return next[check ^ (records[last] ?? 0)] ?? 0
}

/** Compares the keys of two records, each in its own buffer: below 0, 0 or above, as `Buffer.compare`. */
export function compareKeys(one: Buffer, oneAt: number, other: Buffer, otherAt: number): number {
  const isOdd = one[oneAt + at.prefix] === oddPrefix && other[otherAt + at.prefix] === oddPrefix
  const length = isOdd ? oddKeyBytes : keyBytes
  return one.compare(other, otherAt, otherAt + length, oneAt, oneAt + length)
}
