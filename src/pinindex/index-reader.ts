import type { PinIndex } from '../domain/ports/pin-index.ts'
import { addPin, emptySum, halfSumText, type NodeSums } from '../domain/pins/digest-tree.ts'
import type { PinRecord } from '../domain/pins/indexed-pin.ts'
import { hex64 } from '../domain/pins/pin-key.ts'
import { Instant } from '../domain/units.ts'
import { readSet, readSets } from './allocation-sets.ts'
import { at, compareKeys, recordBytes, unpackState, walkedInstant } from './format.ts'
import { IndexFailed, NotIndexedYet } from './errors.ts'
import { type Generation, openGeneration, readExceptions, readMeta } from './generation.ts'
import { join } from 'node:path'
import { cidOf, createKeyWriter } from './pin-keys.ts'
import { currentGeneration, isMissing } from './swap.ts'
import { isDoubtful, withoutLevels } from './unclean-stop.ts'
import { readWalkLog, summaryWithFound, withFound } from './walk-log.ts'

/** What is read from the files of an index. Each answer is of one generation, whole, whatever takes its place meanwhile. */
export type IndexReader = Pick<PinIndex, 'groups' | 'exceptions' | 'nodes' | 'records' | 'pin'> & {
  summary(): Awaited<ReturnType<PinIndex['summary']>>
}

export function openIndexReader(folder: string): IndexReader {
  const withCurrent = async <T>(use: (generation: Generation) => Promise<T> | T): Promise<T> => {
    const generation = openCurrent(folder, openGeneration)
    try {
      return await use(generation)
    } finally {
      generation.close()
    }
  }
  return {
    summary() {
      const { meta, log, path } = openCurrent(folder, (found) => ({
        meta: readMeta(found),
        log: readWalkLog(found),
        path: found,
      }))
      const summary = summaryWithFound(meta.summary, log, () => readExceptions(join(path, 'exceptions')))
      return isDoubtful(folder) ? withoutLevels(summary) : summary
    },

    async *groups(signal) {
      const { meta, sets } = openCurrent(folder, (path) => ({ meta: readMeta(path), sets: join(path, 'sets') }))
      let given = 0
      for (const group of readSets(sets, meta)) {
        signal?.throwIfAborted()
        yield group
        given += 1
        if (given % 1000 === 0) await turn()
      }
    },

    async *exceptions(kind, signal) {
      const all = await withCurrent((generation) => withFound(generation.exceptions(), readWalkLog(generation.path)))
      for (const exception of all) {
        signal?.throwIfAborted()
        if (kind === undefined || exception.kind === kind) yield exception
      }
    },

    nodes: (level, prefixes, signal) =>
      withCurrent(async (generation) => {
        if (level === 1) return [{ parent: null, sums: generation.meta.nodes.map(({ sum }) => sum.slice(16)) }]
        const found: NodeSums[] = []
        for (const prefix of prefixes) {
          signal?.throwIfAborted()
          found.push(childrenOf(generation.partition(prefix), prefix))
          await turn()
        }
        return found
      }),

    records: (buckets, signal) =>
      withCurrent(async (generation) => {
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
      }),

    pin: (cid) =>
      withCurrent((generation) => {
        const { prefixes, summary } = generation.meta
        const wanted = Buffer.alloc(recordBytes)
        createKeyWriter([...prefixes]).write(cid, wanted, undefined)
        const records = generation.partition(wanted[0] ?? 0)
        const offset = findRecord(records, wanted)
        if (offset === undefined) return undefined
        const set = readSet(generation.set(records.readUInt32BE(offset + at.set)), 0, generation.meta)
        if (set === undefined) throw new IndexFailed(`the pin index in ${generation.path} was cut`)
        const { holders, replicationMin, replicationMax } = set.group
        const { isHeld, level, status } = unpackState(records[offset + at.state] ?? 0)
        const doubtful = isDoubtful(folder)
        const walkedAt = walkedInstant(records.readUIntBE(offset + at.walked, 3))
        return {
          ...recordAt(generation, records, offset),
          holders,
          replicationMin,
          replicationMax,
          status,
          level: isHeld ? (doubtful ? 'allocated' : level) : null,
          walkedAt: doubtful || walkedAt === null ? null : Instant.parse(walkedAt),
          readAt: summary.readAt,
        }
      }),
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
