import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'

/** How much of one partition is held before it is written. 256 of them: 2 MiB a list. */
const chunkBytes = 8 * 1024

/**
 * Records of one size on their way into order: spread by their first byte over 256 partitions of one temporary file, then
 * read partition by partition. Keys are spread evenly, so that each partition is a 256th of all: that is what is in memory.
 * Synchronous: made for a thread of its own.
 */
export interface Partitions {
  /** Adds one record; the bytes are copied. */
  add(record: Buffer): void
  readonly count: number
  /** The records of one partition, sorted by `compare`. */
  sorted(partition: number, compare: (buffer: Buffer, one: number, other: number) => number): Buffer
  /** Removes the file. */
  close(): void
}

export function openPartitions(path: string, recordBytes: number): Partitions {
  const file = openSync(path, 'w+', 0o600)
  const room = Math.floor(chunkBytes / recordBytes) * recordBytes
  const held = Array.from({ length: 256 }, () => ({
    buffer: undefined as Buffer | undefined,
    used: 0,
    chunks: [] as number[],
  })) // "as": empty at first
  let end = 0
  let count = 0

  return {
    get count() {
      return count
    },
    add(record) {
      const partition = held[record[0] ?? 0]
      if (partition === undefined) return
      partition.buffer ??= Buffer.allocUnsafe(room)
      record.copy(partition.buffer, partition.used, 0, recordBytes)
      partition.used += recordBytes
      count += 1
      if (partition.used < room) return
      writeSync(file, partition.buffer, 0, room, end)
      partition.chunks.push(end)
      end += room
      partition.used = 0
    },
    sorted(number, compare) {
      const partition = held[number]
      if (partition === undefined) return Buffer.alloc(0)
      const { buffer, used, chunks } = partition
      const all = Buffer.allocUnsafe(chunks.length * room + used)
      for (const [index, position] of chunks.entries()) {
        const got = readSync(file, all, index * room, room, position)
        if (got !== room) throw new Error(`${path} was cut while it was in use`)
      }
      buffer?.copy(all, chunks.length * room, 0, used)
      return inOrder(all, recordBytes, compare)
    },
    close() {
      closeSync(file)
      unlinkSync(path)
    },
  }
}

/** By four bytes behind the first, as numbers with the place beside them; what is equal there, by comparing. */
function inOrder(
  all: Buffer,
  recordBytes: number,
  compare: (buffer: Buffer, one: number, other: number) => number,
): Buffer {
  const length = all.length / recordBytes
  // 32 bits of key and 21 of place in one exact number: a partition has at most two million records.
  const places = new Float64Array(length)
  if (length > 2 ** 21) throw new RangeError('more than 500 million pins: beyond what this index is made for')
  for (let index = 0; index < length; index += 1)
    places[index] = all.readUInt32BE(index * recordBytes + 1) * 2 ** 21 + index
  places.sort()
  const order = new Uint32Array(length)
  for (let index = 0; index < length; index += 1) order[index] = ((places[index] ?? 0) % 2 ** 21) * recordBytes
  for (let index = 1; index < length; index += 1) {
    const mine = order[index] ?? 0
    let before = index - 1
    while (before >= 0 && compare(all, order[before] ?? 0, mine) > 0) {
      order[before + 1] = order[before] ?? 0
      before -= 1
    }
    order[before + 1] = mine
  }
  const sorted = Buffer.allocUnsafe(all.length)
  for (let index = 0; index < length; index += 1) {
    const from = order[index] ?? 0
    all.copy(sorted, index * recordBytes, from, from + recordBytes)
  }
  return sorted
}
