import { hash as nodeHash } from 'node:crypto'
import { OpsError } from '../domain/errors.ts'
import type { Pin, PinOnPeer, PinStatus } from '../domain/pinning.ts'
import { canonicalPin } from '../domain/pins/canonical-pin.ts'
import type { CopyLevel } from '../domain/pins/copy.ts'
import { exceptionOf } from '../domain/pins/copy-state.ts'
import { addPin, addSum, emptySum, halfSumText, type NodeSums, type Sum, sumText } from '../domain/pins/digest-tree.ts'
import { bucketOf, hex64, pinKeyOf, wordAt } from '../domain/pins/pin-key.ts'
import type { IndexedPin } from '../domain/pins/indexed-pin.ts'
import { packGroups } from '../domain/pins/packed-groups.ts'
import type { PinGroup } from '../domain/pins/pin-group.ts'
import { summaryOfExceptions, wasMetBefore } from '../domain/pins/pin-exceptions.ts'
import type { PinException, PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { kuboOwnPins } from '../domain/pins/kubo-own-pins.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Content } from '../domain/ports/content.ts'
import type { PinIndex, PinSnapshot } from '../domain/ports/pin-index.ts'
import type { Pinning } from '../domain/ports/pinning.ts'
import { Bytes, Instant, milliseconds, minutes } from '../domain/units.ts'

/** Nobody has read the lists to their end. */
export class SimNotIndexed extends OpsError {
  readonly remedy = 'retry'
}

const hash = (text: string): Uint8Array => nodeHash('sha256', text, 'buffer')

interface Entry {
  pin: Pin
  bucket: number
  high: number
  low: number
  status: PinStatus
  level: CopyLevel | null
}

interface Generation {
  summary: PinsetSummary
  entries: ReadonlyMap<string, Entry>
  exceptions: readonly PinException[]
}

/** How old the simulated index gets before it is made anew. */
const every = minutes(1)

/** The pin index of one simulated store: what the files of an agent would say, made from the same lists, held in memory. */
export function simPinIndex(ports: { pinning: Pinning; content: Content; clock: Pick<Clock, 'now'> }): PinIndex {
  let last: Generation | undefined
  const fresh = async (signal?: AbortSignal): Promise<Generation> => {
    const { clock } = ports
    if (last === undefined || clock.now() - last.summary.readAt >= every) last = await generate(ports, last, signal)
    return last
  }
  const current = (): Generation => {
    if (last === undefined) throw new SimNotIndexed('the lists of this peer were not read yet')
    return last
  }
  const snapshot: PinIndex['snapshot'] = async (use, signal) => use(readingsOf(await fresh(signal)))
  return {
    summary: async (signal) => (await fresh(signal)).summary,
    snapshot,
    async *groups() {
      yield* readingsOf(current()).groups()
    },
    async *exceptions(kind) {
      yield* readingsOf(current()).exceptions(kind)
    },
    nodes: async (level, prefixes) => readingsOf(current()).nodes(level, prefixes),
    records: async (buckets) => readingsOf(current()).records(buckets),
    pin: async (cid) => readingsOf(current()).pin(cid),
    allocation: (cid, signal) => ports.pinning.allocation(cid, signal),
    refresh: async (signal) => {
      last = await generate(ports, last, signal)
      return last.summary
    },
  }
}

function readingsOf({ summary, entries, exceptions }: Generation): PinSnapshot {
  const all = () => [...entries.values()]
  return {
    summary,
    async *packedGroups() {
      yield packGroups(await Array.fromAsync(this.groups()))
    },
    async *groups() {
      const groups = new Map<string, PinGroup>()
      for (const { pin } of entries.values()) {
        const group = groupOf(pin)
        const key = JSON.stringify(group)
        const known = groups.get(key)
        if (known === undefined) groups.set(key, group)
        else known.pins += 1
      }
      yield* groups.values()
    },
    async *exceptions(kind) {
      for (const exception of exceptions) if (kind === undefined || exception.kind === kind) yield exception
    },
    nodes: async (level, prefixes) => {
      if (level === 1) return [sumsOf(all(), null, ({ bucket }) => bucket >> 8)]
      return prefixes.map((prefix) =>
        sumsOf(
          all().filter(({ bucket }) => bucket >> 8 === prefix),
          prefix,
          ({ bucket }) => bucket & 255,
        ),
      )
    },
    records: async (buckets) =>
      all()
        .filter(({ bucket }) => buckets.includes(bucket))
        .map(({ pin, high, low }) => ({ cid: pin.cid, digest: hex64(high, low) })),
    pin: async (cid) => {
      const entry = entries.get(cid)
      return entry === undefined ? undefined : describe(entry, summary)
    },
  }
}

async function generate(
  { pinning, content, clock }: { pinning: Pinning; content: Content; clock: Pick<Clock, 'now'> },
  before: Generation | undefined,
  signal: AbortSignal | undefined,
): Promise<Generation> {
  const readAt = clock.now()
  const { id: peer } = await pinning.self(signal)
  const inKubo = new Set(await Array.fromAsync(content.pins(signal)))
  const orphans = inKubo.difference(kuboOwnPins)
  const entries = new Map<string, Entry>()
  for await (const pin of pinning.allocations(signal)) {
    const digest = hash(canonicalPin(pin))
    const bucket = bucketOf(pinKeyOf(pin.cid, hash).key)
    const isHeld = pin.replicationMin === -1 || pin.allocations.includes(peer)
    entries.set(pin.cid, {
      pin,
      bucket,
      high: wordAt(digest, 0),
      low: wordAt(digest, 4),
      status: 'undefined',
      level: isHeld ? 'allocated' : null,
    })
  }
  const exceptions: PinException[] = []
  const met = (kind: PinException['kind'] | undefined, cid: string, name: string, reason: string) => {
    const also = kind !== 'orphan' && inKubo.has(cid) ? { isInKubo: true as const } : {}
    if (kind !== undefined) exceptions.push({ kind, cid, name, reason, since: readAt, ...also })
  }
  const statuses: PinsetSummary['statuses'] = {}
  const tracked = new Map<string, PinOnPeer>()
  for await (const pin of pinning.pins([], signal)) if (entries.has(pin.cid)) tracked.set(pin.cid, pin)
  const { id: after } = await pinning.self(signal)
  if (after !== peer) throw new SimNotIndexed('the peer was set up anew while its lists were read')
  let unnamed = 0
  for (const [cid, entry] of entries) {
    const { status, error = '' } = tracked.get(cid) ?? {}
    entry.status = status ?? 'undefined'
    if (status !== undefined) statuses[status] = (statuses[status] ?? 0) + 1
    if (entry.level !== null && status === 'pinned') entry.level = 'pinned'
    const { pin, level } = entry
    const seen = { isHeld: level !== null, status, isInKubo: inKubo.has(cid), isDirect: pin.mode === 'direct' }
    const kind = exceptionOf(seen)
    met(kind, cid, pin.name, error)
    if (level === 'allocated' && kind === undefined) unnamed += 1
    orphans.delete(cid)
  }
  for (const cid of orphans) met('orphan', cid, '', '')
  const told = exceptions.map((exception) => wasMetBefore(exception, before?.exceptions ?? []))

  const copies: PinsetSummary['copies'] = { allocated: 0, pinned: 0, complete: 0, read: 0 }
  const root = emptySum()
  for (const { level, high, low } of entries.values()) {
    addPin(root, high, low)
    if (level !== null) copies[level] += 1
  }
  const digest = sumText(root)
  const summary: PinsetSummary = {
    peer,
    readAt,
    took: milliseconds(clock.now() - readAt),
    pins: entries.size,
    digest,
    digestSince: before?.summary.digest === digest ? before.summary.digestSince : readAt,
    held: copies.allocated + copies.pinned,
    copies,
    unnamed,
    statuses,
    exceptions: summaryOfExceptions(told, readAt),
    unverified: false,
    walk: { walked: 0, oldest: null },
    size: Bytes.parse(entries.size * 50),
  }
  return { summary, entries, exceptions: told }
}

function sumsOf(entries: readonly Entry[], parent: number | null, childOf: (entry: Entry) => number): NodeSums {
  const sums: Sum[] = Array.from({ length: 256 }, emptySum)
  for (const entry of entries) {
    const sum = emptySum()
    addPin(sum, entry.high, entry.low)
    addSum(sums[childOf(entry)] ?? emptySum(), sum)
  }
  return { parent, sums: sums.map(halfSumText) }
}

function groupOf({ allocations, replicationMin, replicationMax }: Pin): PinGroup {
  return {
    holders: replicationMin === -1 ? 'everywhere' : allocations.toSorted(),
    replicationMin,
    replicationMax,
    pins: 1,
  }
}

function describe({ pin, high, low, status, level }: Entry, { readAt }: PinsetSummary): IndexedPin {
  const { holders, replicationMin, replicationMax } = groupOf(pin)
  const { cid } = pin
  const digest = hex64(high, low)
  return {
    cid,
    digest,
    holders,
    replicationMin,
    replicationMax,
    status,
    level,
    walkedAt: null,
    readAt: Instant.parse(readAt),
  }
}
