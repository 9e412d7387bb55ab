import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { addPin, addSum, emptySum, sumText } from '../domain/pins/digest-tree.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Content } from '../domain/ports/content.ts'
import type { Pinning } from '../domain/ports/pinning.ts'
import { Bytes, Instant, milliseconds } from '../domain/units.ts'
import type { PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { openAppender } from './appender.ts'
import { at, checkOf, compareKeys, recordBytes } from './format.ts'
import { IndexFailed } from './errors.ts'
import { ExceptionKeeper } from './exception-keeper.ts'
import { joinLists } from './join-lists.ts'
import { type Lists, listPins } from './list-pins.ts'
import { indexFormat, type Meta } from './meta.ts'
import type { Pace } from './pace.ts'
import { openPrevious, type Previous } from './previous.ts'
import { sealOf } from './sealed-file.ts'
import { buildingFolder, putInPlace } from './swap.ts'
import { clearDoubt, isDoubtful } from './unclean-stop.ts'

/** From which lists an index is made, and how. */
export interface BuildOptions {
  /** The folder of one store's index. */
  folder: string
  pinning: Pinning
  content: Content | undefined
  clock: Pick<Clock, 'now'>
  pace: Pace
  signal: AbortSignal
}

/**
 * Reads the lists and writes a whole new generation of the index beside the old one, which it then replaces. Whatever goes
 * wrong on the way, the old one stays as it is. Synchronous where it works on files: made for a thread of its own.
 */
export async function buildIndex(options: BuildOptions): Promise<PinsetSummary> {
  const { folder, clock, signal } = options
  const readAt = clock.now()
  const building = buildingFolder(folder)
  rmSync(building, { recursive: true, force: true })
  mkdirSync(building, { recursive: true, mode: 0o700 })
  const previous = openPrevious(folder, { forgetLevels: isDoubtful(folder) })
  try {
    const lists = await listPins({ ...options, folder: building })
    const meta = await write(building, lists, { previous, readAt, signal, clock })
    putInPlace(folder, meta)
    clearDoubt(folder)
    return meta.summary
  } finally {
    previous?.close()
    rmSync(building, { recursive: true, force: true })
  }
}

async function write(
  building: string,
  lists: Lists,
  about: { previous: Previous | undefined; readAt: Instant; signal: AbortSignal; clock: Pick<Clock, 'now'> },
): Promise<Meta> {
  const { previous, readAt, signal, clock } = about
  const records = openAppender(join(building, 'records'))
  const exceptions = new ExceptionKeeper(readAt, previous?.exceptions ?? [])
  const statuses: PinsetSummary['statuses'] = {}
  const copies: PinsetSummary['copies'] = { allocated: 0, pinned: 0, complete: 0, read: 0 }
  const root = emptySum()
  const nodes: Meta['nodes'] = []
  let unnamed = 0
  let walked = 0
  let oldest: number | null = Number.POSITIVE_INFINITY
  let pins = 0
  try {
    for (let partition = 0; partition < 256; partition += 1) {
      signal.throwIfAborted()
      // Others of this thread get their turn: a partition of a large pinset takes some milliseconds.
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      const sum = emptySum()
      const sorted = lists.pins.sorted(partition, (buffer, one, other) => compareKeys(buffer, one, buffer, other))
      joinLists({
        pins: sorted,
        tracked: lists.tracked.sorted(partition, byKey),
        inKubo: lists.inKubo?.sorted(partition, byKey),
        previous: previous?.partition(partition, lists.keys),
        building,
        lists,
        exceptions,
        take({ level, isHeld, status, exception }, offset, walkedAt) {
          addPin(sum, sorted.readUInt32BE(offset + at.digest), sorted.readUInt32BE(offset + at.digest + 4))
          if (status !== undefined) statuses[status] = (statuses[status] ?? 0) + 1
          if (!isHeld) return
          copies[level] += 1
          if (level === 'allocated' && exception === undefined) unnamed += 1
          if (walkedAt === null) oldest = null
          else {
            walked += 1
            if (oldest !== null) oldest = Math.min(oldest, walkedAt)
          }
        },
      })
      for (let offset = 0; offset < sorted.length; offset += recordBytes) {
        sorted[offset + at.check] = checkOf(sorted, offset)
      }
      records.write(sorted)
      pins += sorted.length / recordBytes
      nodes.push({ sum: sumText(sum), pins: sorted.length / recordBytes })
      addSum(root, sum)
    }
  } finally {
    records.close()
    lists.close()
  }
  const digest = sumText(root)
  const written = exceptions.write(join(building, 'exceptions'))
  const recordsSize = statSync(join(building, 'records')).size
  const sealed = (name: string) => sealOf(join(building, name))
  const seals = { sets: sealed('sets'), odd: sealed('odd'), exceptions: sealed('exceptions') }
  if (recordsSize !== pins * recordBytes) throw new IndexFailed('the records of the pin index were not all written')
  const before = previous?.summary
  return {
    format: indexFormat,
    prefixes: lists.keys.prefixes,
    peers: lists.names.peers,
    wishes: lists.names.wishes,
    nodes,
    recordsSize,
    seals,
    summary: {
      peer: lists.peer,
      readAt,
      took: milliseconds(Math.max(0, clock.now() - readAt)),
      pins,
      digest,
      digestSince: before?.digest === digest && before.peer === lists.peer ? before.digestSince : readAt,
      held: copies.allocated + copies.pinned + copies.complete + copies.read,
      copies,
      unnamed,
      statuses,
      ...written,
      walk: { walked, oldest: oldest === null || !Number.isFinite(oldest) ? null : Instant.parse(oldest) },
      size: Bytes.parse(recordsSize + seals.sets.size + seals.odd.size + seals.exceptions.size),
    },
  }
}

const byKey = (buffer: Buffer, one: number, other: number): number => compareKeys(buffer, one, buffer, other)
