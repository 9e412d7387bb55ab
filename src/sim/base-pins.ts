import { cidOfIndex, indexOfCid, shareOfIndex } from './sim-cid.ts'
import type { SimBasePins, SimPin } from './world.ts'

// The pins that a world begins with, made by function from a key and a number: ten million of them take no memory.

const day = 86_400_000

/** What tells the random numbers of one pin apart. */
const draws = { replicas: 1, holders: 2, strides: 3, size: 4, age: 5 }

type Tier = SimBasePins['tiers'][number]

const draw = (key: number, index: number, what: number, below: number): number =>
  Math.floor(shareOfIndex(key, index, what) * below)

/** The base of a world, with what each peer holds of it summed up once: figures then cost nothing. */
export function createBasePins(options: {
  key: number
  madeAt: number
  tiers: readonly { name: string; count: number; pinSize: number; members: readonly string[] }[]
}): SimBasePins {
  const { key, madeAt, tiers } = options
  let first = 0
  const made = tiers.map(({ name, count, pinSize, members }) => {
    const tier: Tier = { name, count, pinSize, members: [...members], held: {} }
    const sums = members.map(() => ({ pins: 0, bytes: 0 }))
    for (let index = first; index < first + count; index += 1) {
      const size = sizeOf(key, tier, index)
      for (const position of positionsOf(key, tier, index)) {
        const sum = sums[position]
        if (sum === undefined) continue
        sum.pins += 1
        sum.bytes += size
      }
    }
    first += count
    tier.held = Object.fromEntries(sums.map((sum, position) => [members[position] ?? '', sum]))
    return tier
  })
  return { key, madeAt, tiers: made }
}

export const basePinCount = (base: SimBasePins): number => base.tiers.reduce((sum, { count }) => sum + count, 0)

/** What one peer holds of the base. */
export function baseHeldBy(base: SimBasePins, peer: string): { pins: number; bytes: number } {
  const sums = { pins: 0, bytes: 0 }
  for (const { held } of base.tiers) {
    sums.pins += held[peer]?.pins ?? 0
    sums.bytes += held[peer]?.bytes ?? 0
  }
  return sums
}

export const baseCid = (base: SimBasePins, index: number): string => cidOfIndex(base.key, index)

/** The number of the pin with this CID; undefined when the base has none. */
export function baseIndex(base: SimBasePins, cid: string): number | undefined {
  const index = indexOfCid(base.key, cid)
  return index !== undefined && index < basePinCount(base) ? index : undefined
}

/** The peers that hold a pin of the base, by its number. */
export function baseHolders(base: SimBasePins, index: number): readonly string[] {
  return holdersOf(base.key, tierOf(base, index).tier, index)
}

export function basePin(base: SimBasePins, index: number): SimPin {
  const { tier, first } = tierOf(base, index)
  const position = index - first
  const createdAt = Math.floor((base.madeAt - (2 + draw(base.key, index, draws.age, 299)) * day) / 1000) * 1000
  const replicas = replicasOf(base.key, tier, index)
  return {
    cid: baseCid(base, index),
    name: `${tier.name}-${String(position + 1).padStart(4, '0')}`,
    size: sizeOf(base.key, tier, index),
    replicationMin: Math.min(2, replicas),
    replicationMax: replicas,
    metadata: position % 10 === 0 ? { project: `p${(position / 10) % 7}` } : {},
    createdAt,
    expiresAt: null,
    updateOf: null,
    height: 0,
    holders: holdersOf(base.key, tier, index).map((peer) => ({
      peer,
      queuedAt: createdAt,
      startsAt: createdAt,
      doneAt: createdAt + 60_000,
      wasThere: false,
      attempts: 0,
      failure: null,
      lostAt: null,
    })),
  }
}

function tierOf(base: SimBasePins, index: number): { tier: Tier; first: number } {
  let first = 0
  for (const tier of base.tiers) {
    if (index < first + tier.count) return { tier, first }
    first += tier.count
  }
  throw new RangeError(`the base has no pin number ${index}`)
}

/** Two or three, where there are as many peers. */
const replicasOf = (key: number, tier: Tier, index: number): number =>
  Math.min(2 + draw(key, index, draws.replicas, 2), tier.members.length)

const sizeOf = (key: number, tier: Tier, index: number): number =>
  Math.floor(tier.pinSize * (0.2 + shareOfIndex(key, index, draws.size) * 1.6))

/**
 * Which members hold a pin: at equal distances, from anywhere on. Each at most once, and few different sets, as in a real
 * pinset.
 */
function positionsOf(key: number, tier: Tier, index: number): number[] {
  const { length } = tier.members
  const replicas = replicasOf(key, tier, index)
  const strides = replicas < 2 ? 1 : Math.min(8, Math.floor((length - 1) / (replicas - 1)))
  const stride = 1 + draw(key, index, draws.strides, strides)
  const positions: number[] = []
  let position = draw(key, index, draws.holders, length)
  for (let copy = 0; copy < replicas; copy += 1) {
    positions.push(position)
    position = (position + stride) % length
  }
  return positions
}

const holdersOf = (key: number, tier: Tier, index: number): string[] =>
  positionsOf(key, tier, index).map((position) => tier.members[position] ?? '')
