import type { PinGroup } from './pin-group.ts'

/**
 * Groups of pins as a pin index keeps them: whole entries, one after the other. As objects, ten million of them cost seconds.
 *
 * An entry, numbers big endian: how many pins (4 bytes), the wish (1 byte: a place in `wishes`), how many holders (2 bytes;
 * 65,535: everywhere), then 2 bytes a holder: its place in `peers`.
 */
export interface PackedGroups {
  bytes: Uint8Array
  names: GroupNames
}

/** The names behind the numbers. */
export interface GroupNames {
  peers: readonly string[]
  /** Replication factors, least and most. */
  wishes: readonly (readonly [number, number])[]
}

/** Where in an entry what stands. */
export const entry = { wish: 4, count: 5, holders: 7 } as const
/** In place of how many holders: every peer. */
export const everywhere = 0xff_ff

// Typed arrays are read as possibly undefined, and are not within the length of an entry.
export const read16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
export const read32 = (bytes: Uint8Array, at: number): number => read16(bytes, at) * 0x1_00_00 + read16(bytes, at + 2)

/** How many bytes an entry has whose holders are counted so. */
export const entryBytes = (count: number): number => entry.holders + (count === everywhere ? 0 : count * 2)

/** The entry at `offset`. Throws RangeError where it is not whole, or names what has no name. */
export function groupAt({ bytes, names }: PackedGroups, offset: number): PinGroup {
  const count = read16(bytes, offset + entry.count)
  const wish = names.wishes[bytes[offset + entry.wish] ?? 0]
  if (wish === undefined || offset + entryBytes(count) > bytes.length)
    throw new RangeError('these are no packed groups')
  const [replicationMin, replicationMax] = wish
  const pins = read32(bytes, offset)
  if (count === everywhere) return { holders: 'everywhere', replicationMin, replicationMax, pins }
  const holders = Array.from({ length: count }, (_, index) => {
    const peer = names.peers[read16(bytes, offset + entry.holders + index * 2)]
    if (peer === undefined) throw new RangeError('packed groups name a peer that they do not have')
    return peer
  })
  return { holders, replicationMin, replicationMax, pins }
}

/** All of them as objects. Throws as {@link groupAt} does. */
export function* unpackGroups(groups: PackedGroups): Generator<PinGroup> {
  for (let offset = 0; offset < groups.bytes.length;) {
    yield groupAt(groups, offset)
    offset += entryBytes(read16(groups.bytes, offset + entry.count))
  }
}

/** The same groups, packed. Throws RangeError for more than 256 wishes or 65,535 peers, and for a group that no entry has room for. */
export function packGroups(groups: readonly PinGroup[]): PackedGroups {
  const peers = new Map<string, number>()
  const wishes = new Map<string, { number: number; wish: [number, number] }>()
  const bytes: number[] = []
  for (const { holders, replicationMin, replicationMax, pins } of groups) {
    if (pins > 0xffff_ffff || (holders !== 'everywhere' && holders.length >= everywhere))
      throw new RangeError('a group has too many pins or holders to be packed')
    const key = `${replicationMin} ${replicationMax}`
    const { number } = wishes.get(key) ?? { number: wishes.size }
    wishes.set(key, { number, wish: [replicationMin, replicationMax] })
    const count = holders === 'everywhere' ? everywhere : holders.length
    bytes.push(...bytesOf(pins, 4), number, ...bytesOf(count, 2))
    for (const peer of holders === 'everywhere' ? [] : holders) {
      const place = peers.get(peer) ?? peers.size
      peers.set(peer, place)
      bytes.push(...bytesOf(place, 2))
    }
  }
  if (wishes.size > 256 || peers.size > everywhere)
    throw new RangeError('these groups have too many names to be packed')
  const names = { peers: [...peers.keys()], wishes: [...wishes.values()].map(({ wish }) => wish) }
  return { bytes: Uint8Array.from(bytes), names }
}

const bytesOf = (number: number, length: number): number[] =>
  Array.from({ length }, (_, index) => Math.floor(number / 256 ** (length - 1 - index)) & 255)
