import type { PinIndex, PinSnapshot } from '../domain/ports/pin-index.ts'
import { addPin, emptySum, halfSumText, type NodeSums } from '../domain/pins/digest-tree.ts'
import { unpackGroups } from '../domain/pins/packed-groups.ts'
import type { PinRecord } from '../domain/pins/indexed-pin.ts'
import { hex64 } from '../domain/pins/pin-key.ts'
import type { PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { Instant } from '../domain/units.ts'
import { at, compareKeys, recordBytes, unpackState, walkedInstant } from './format.ts'
import { NotIndexedYet } from './errors.ts'
import { type Generation, openGeneration } from './generation.ts'
import { cidOf, createKeyWriter } from './pin-keys.ts'
import { currentGeneration, isMissing } from './swap.ts'
import { isDoubtful, withoutLevels } from './unclean-stop.ts'
import { readWalkLog, summaryWithFound, withFound } from './walk-log.ts'

/** What is read from the files of an index. Each answer is of one generation, whole, whatever takes its place meanwhile. */
export type IndexReader = Omit<PinIndex, 'summary' | 'allocation' | 'refresh'> & { summary(): PinsetSummary }

export function openIndexReader(folder: string): IndexReader {
  const snapshot = async <T>(use: (generation: PinSnapshot) => Promise<T>): Promise<T> => {
    const generation = openCurrent(folder, openGeneration)
    try {
      return await use(readingsOf(generation, isDoubtful(folder)))
    } finally {
      generation.close()
    }
  }
  return {
    snapshot,
    summary() {
      const generation = openCurrent(folder, openGeneration)
      try {
        return readingsOf(generation, isDoubtful(folder)).summary
      } finally {
        generation.close()
      }
    },

    async *groups(signal) {
      const generation = openCurrent(folder, openGeneration)
      try {
        yield* readingsOf(generation, false).groups(signal)
      } finally {
        generation.close()
      }
    },

    async *exceptions(kind, signal) {
      const all = await snapshot((generation) => Array.fromAsync(generation.exceptions(kind, signal)))
      yield* all
    },

    nodes: (level, prefixes, signal) => snapshot((generation) => generation.nodes(level, prefixes, signal)),
    records: (buckets, signal) => snapshot((generation) => generation.records(buckets, signal)),
    pin: (cid, signal) => snapshot((generation) => generation.pin(cid, signal)),
  }
}

/** What one generation answers, while it is open. */
function readingsOf(generation: Generation, isInDoubt: boolean): PinSnapshot {
  const { meta } = generation
  return {
    get summary() {
      const summary = summaryWithFound(meta.summary, readWalkLog(generation.path), () => generation.exceptions())
      return isInDoubt ? withoutLevels(summary) : summary
    },

    async *packedGroups(signal) {
      for (const groups of generation.groups()) {
        signal?.throwIfAborted()
        yield groups
        await turn()
      }
    },

    async *groups(signal) {
      for await (const groups of this.packedGroups(signal)) yield* unpackGroups(groups)
    },

    async *exceptions(kind, signal) {
      for (const exception of withFound(generation.exceptions(), readWalkLog(generation.path))) {
        signal?.throwIfAborted()
        if (kind === undefined || exception.kind === kind) yield exception
      }
    },

    async nodes(level, prefixes, signal) {
      if (level === 1) return [{ parent: null, sums: meta.nodes.map(({ sum }) => sum.slice(16)) }]
      const found: NodeSums[] = []
      for (const prefix of prefixes) {
        signal?.throwIfAborted()
        found.push(childrenOf(generation.partition(prefix), prefix))
        await turn()
      }
      return found
    },

    async records(buckets, signal) {
      const found: PinRecord[] = []
      for (const prefix of new Set(buckets.map((bucket) => bucket >> 8))) {
        signal?.throwIfAborted()
        const wanted = new Set(buckets.filter((bucket) => bucket >> 8 === prefix).map((bucket) => bucket & 255))
        const records = generation.partition(prefix)
        for (let offset = 0; offset < records.length; offset += recordBytes) {
          if (wanted.has(records[offset + 1] ?? 0)) found.push(recordAt(generation, records, offset))
        }
        await turn()
      }
      return found
    },

    async pin(cid) {
      const wanted = Buffer.alloc(recordBytes)
      createKeyWriter([...meta.prefixes]).write(cid, wanted, undefined)
      const record = generation.find(wanted)
      if (record === undefined) return undefined
      const { holders, replicationMin, replicationMax } = generation.set(record.readUInt32BE(at.set))
      const { isHeld, level, status } = unpackState(record[at.state] ?? 0)
      const walkedAt = walkedInstant(record.readUIntBE(at.walked, 3))
      return {
        ...recordAt(generation, record, 0),
        holders,
        replicationMin,
        replicationMax,
        status,
        level: isHeld ? (isInDoubt ? 'allocated' : level) : null,
        walkedAt: isInDoubt || walkedAt === null ? null : Instant.parse(walkedAt),
        readAt: meta.summary.readAt,
      }
    },
  }
}

/** Lets others have their turn: what waits in this process waits for a partition at most. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

/** Opens what counts now; once more where it has just been replaced. */
function openCurrent<T>(folder: string, open: (path: string) => T): T {
  for (let tries = 0; ; tries += 1) {
    const path = currentGeneration(folder)
    if (path === undefined) throw new NotIndexedYet('the pins of this store were not read to their end yet')
    try {
      return open(path)
    } catch (error) {
      if (tries > 2 || currentGeneration(folder) === path || isMissing(error)) throw error
    }
  }
}

/** Where the record with the key of `wanted` stands in sorted records. */
export function findRecord(records: Buffer, wanted: Buffer): number | undefined {
  let low = 0
  let high = records.length / recordBytes
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = compareKeys(records, middle * recordBytes, wanted, 0)
    if (order === 0) return middle * recordBytes
    if (order < 0) low = middle + 1
    else high = middle
  }
  return undefined
}

function recordAt(generation: Generation, records: Buffer, offset: number): PinRecord {
  return {
    cid: cidOf(records, offset, generation.meta.prefixes, (position, length) => generation.odd(position, length)),
    digest: hex64(records.readUInt32BE(offset + at.digest), records.readUInt32BE(offset + at.digest + 4)),
  }
}

function childrenOf(records: Buffer, parent: number): NodeSums {
  const sums = Array.from({ length: 256 }, emptySum)
  for (let offset = 0; offset < records.length; offset += recordBytes) {
    const sum = sums[records[offset + 1] ?? 0]
    if (sum === undefined) continue
    addPin(sum, records.readUInt32BE(offset + at.digest), records.readUInt32BE(offset + at.digest + 4))
  }
  return { parent, sums: sums.map(halfSumText) }
}
