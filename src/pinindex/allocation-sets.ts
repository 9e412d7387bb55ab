import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import type { Pin } from '../domain/pinning.ts'
import type { PinGroup } from '../domain/pins/pin-group.ts'
import { openAppender } from './appender.ts'
import { IndexFailed } from './errors.ts'

// The file `sets`: who is to hold what. One entry a set of holders with a wish: how many pins have it (4 bytes), the wish
// (1 byte, a place in the list of wishes of `meta.json`), how many holders (2 bytes; 65,535: everywhere), then 2 bytes a
// holder: its place in the list of peers.

export const setHeadBytes = 7
const everywhere = 0xff_ff

/** The names behind the numbers of a `sets` file. */
export interface SetNames {
  peers: string[]
  /** Replication factors, least and most. */
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
      const entry = Buffer.allocUnsafe(setHeadBytes + holders.length * 2)
      entry.writeUInt32BE(1, 0)
      entry[4] = numberOf(wishNumbers, names.wishes, wish, [replicationMin, replicationMax], 255)
      entry.writeUInt16BE(isEverywhere ? everywhere : holders.length, 5)
      for (const [index, peer] of holders.entries()) {
        entry.writeUInt16BE(numberOf(peerNumbers, names.peers, peer, peer, everywhere), setHeadBytes + index * 2)
      }
      appender.write(entry)
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

/** How long the entry is that begins with these bytes. */
export function lengthOfSet(head: Buffer): number {
  if (head.length < setHeadBytes) throw new IndexFailed('the pin index ends in the middle of a set')
  const holders = head.readUInt16BE(5)
  return setHeadBytes + (holders === everywhere ? 0 : holders * 2)
}

/** The group of the entry at `offset` of `bytes`, and where the next one begins; undefined where it is cut off. */
export function readSet(bytes: Buffer, offset: number, names: SetNames): { group: PinGroup; next: number } | undefined {
  if (offset + setHeadBytes > bytes.length) return undefined
  const length = bytes.readUInt16BE(offset + 5)
  const count = length === everywhere ? 0 : length
  const next = offset + setHeadBytes + count * 2
  if (next > bytes.length) return undefined
  const wish = names.wishes[bytes[offset + 4] ?? 0]
  if (wish === undefined) throw new IndexFailed('the pin index names a wish that it does not have')
  const holders = Array.from({ length: count }, (_, index) => {
    const peer = names.peers[bytes.readUInt16BE(offset + setHeadBytes + index * 2)]
    if (peer === undefined) throw new IndexFailed('the pin index names a peer that it does not have')
    return peer
  })
  const [replicationMin, replicationMax] = wish
  const pins = bytes.readUInt32BE(offset)
  return {
    group: { holders: length === everywhere ? 'everywhere' : holders, replicationMin, replicationMax, pins },
    next,
  }
}

/** All groups of the blocks of a file, one after the other. */
export function* readSets(blocks: Iterable<Buffer>, names: SetNames): Generator<PinGroup> {
  let rest = Buffer.alloc(0)
  for (const block of blocks) {
    const bytes = rest.length === 0 ? block : Buffer.concat([rest, block])
    let offset = 0
    for (let set = readSet(bytes, 0, names); set !== undefined; set = readSet(bytes, offset, names)) {
      yield set.group
      offset = set.next
    }
    rest = Buffer.from(bytes.subarray(offset))
  }
  if (rest.length > 0) throw new IndexFailed('the pin index ends in the middle of a set')
}
