import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import type { Pin } from '../domain/pinning.ts'
import {
  entry,
  entryBytes,
  everywhere,
  type GroupNames,
  type PackedGroups,
  read16,
  read32,
} from '../domain/pins/packed-groups.ts'
import { openAppender } from './appender.ts'
import { IndexFailed } from './errors.ts'

// The file `sets`: who is to hold what, one entry a set of holders with a wish (`src/domain/pins/packed-groups.ts`). The names
// behind the numbers stand in `meta.json`.

/** They grow while an index is made. */
export interface SetNames extends GroupNames {
  peers: string[]
  wishes: [number, number][]
}

/**
 * How many sets are known by heart while an index is made. With few peers there are fewer; beyond it (many peers: every pin
 * its own set) a set is written again each time, which costs 13 bytes a pin and no memory.
 */
const knownSets = 50_000

export interface SetWriter {
  /** Where the set of this pin stands. */
  add(pin: Pick<Pin, 'allocations' | 'replicationMin' | 'replicationMax'>): number
  readonly names: SetNames
  close(): void
}

function numberOf<T>(numbers: Map<string, number>, list: T[], key: string, value: T, most: number): number {
  const found = numbers.get(key)
  if (found !== undefined) return found
  if (list.length >= most) throw new IndexFailed(`the pinset names more than ${most} peers or replication factors`)
  numbers.set(key, list.length)
  list.push(value)
  return list.length - 1
}

export function openSetWriter(path: string): SetWriter {
  const appender = openAppender(path)
  const known = new Map<string, { position: number; count: number }>()
  const names: SetNames = { peers: [], wishes: [] }
  const peerNumbers = new Map<string, number>()
  const wishNumbers = new Map<string, number>()
  return {
    names,
    add({ allocations, replicationMin, replicationMax }) {
      const isEverywhere = replicationMin === -1
      const holders = isEverywhere ? [] : allocations.length < 2 ? allocations : allocations.toSorted()
      const wish = `${replicationMin} ${replicationMax}`
      const key = `${wish} ${holders.join(' ')}`
      const found = known.get(key)
      if (found !== undefined) {
        found.count += 1
        return found.position
      }
      const { position } = appender
      if (position > 0xffff_ffff) throw new IndexFailed('the pinset has more sets of holders than an index can hold')
      const isKept = known.size < knownSets
      if (isKept) known.set(key, { position, count: 1 })
      const set = Buffer.allocUnsafe(entryBytes(holders.length))
      set.writeUInt32BE(1, 0)
      set[entry.wish] = numberOf(wishNumbers, names.wishes, wish, [replicationMin, replicationMax], 255)
      set.writeUInt16BE(isEverywhere ? everywhere : holders.length, entry.count)
      for (const [index, peer] of holders.entries()) {
        set.writeUInt16BE(numberOf(peerNumbers, names.peers, peer, peer, everywhere), entry.holders + index * 2)
      }
      appender.write(set)
      return position
    },
    close() {
      appender.close()
      const file = openSync(path, 'r+')
      const count = Buffer.allocUnsafe(4)
      for (const set of known.values()) {
        if (set.count === 1) continue
        count.writeUInt32BE(set.count, 0)
        writeSync(file, count, 0, 4, set.position)
      }
      fsyncSync(file)
      closeSync(file)
    },
  }
}

/**
 * The blocks of a file, each with whole entries only; each stands until the next one. Throws {@link IndexFailed} where one names
 * what has no name.
 */
export function* wholeSets(blocks: Iterable<Buffer>, names: GroupNames): Generator<PackedGroups & { pins: number }> {
  let held = Buffer.alloc(0)
  let rest = 0
  for (const block of blocks) {
    if (held.length < rest + block.length)
      held = Buffer.concat([held.subarray(0, rest), Buffer.alloc(2 * block.length)])
    block.copy(held, rest)
    const bytes = held.subarray(0, rest + block.length)
    const { end, pins } = wholeOf(bytes, names)
    if (end > 0) yield { bytes: bytes.subarray(0, end), names, pins }
    rest = bytes.copy(held, 0, end)
  }
  if (rest > 0) throw new IndexFailed('the pin index ends in the middle of a set')
}

/** Where the last whole entry ends, and how many pins those up to it have. */
function wholeOf(bytes: Uint8Array, { peers, wishes }: GroupNames): { end: number; pins: number } {
  let pins = 0
  for (let offset = 0; ;) {
    const count = read16(bytes, offset + entry.count)
    const next = offset + entryBytes(count)
    if (offset + entry.holders > bytes.length || next > bytes.length) return { end: offset, pins }
    let isNamed = (bytes[offset + entry.wish] ?? 0) < wishes.length
    for (let at = offset + entry.holders; at < next; at += 2) isNamed &&= read16(bytes, at) < peers.length
    if (!isNamed) throw new IndexFailed('the pin index names a peer or a wish that it does not have')
    pins += read32(bytes, offset)
    offset = next
  }
}
