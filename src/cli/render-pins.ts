import type { Comparison, DifferenceKind } from '../domain/pins/compare.ts'
import { copyLevels } from '../domain/pins/copy.ts'
import type { IndexedPin } from '../domain/pins/indexed-pin.ts'
import type { PinsOfStore } from '../domain/pins/pins-of-fleet.ts'
import type { PinException } from '../domain/pins/pinset-summary.ts'
import type { Pin } from '../domain/pinning.ts'
import { durationText } from '../domain/text-units.ts'
import { type Duration, milliseconds } from '../domain/units.ts'
import { printable, table } from './terminal.ts'

const unknown = '?'

const ageText = (age: Duration | undefined): string => (age === undefined ? unknown : `${durationText(age)} ago`)

/** A table by peer, then the states over all of them. */
export function totalsLines(stores: readonly PinsOfStore[]): string[] {
  if (stores.length === 0) return ['No stores are known. Declare them in the fleet file: tiercel config check']
  const rows = stores.map(({ store, cluster, tier, summary, age }) => {
    const exceptions = Object.values(summary?.exceptions ?? {}).reduce((sum, { count }) => sum + count, 0)
    const cells =
      summary === undefined
        ? [unknown, unknown, ...copyLevels.map(() => unknown), unknown]
        : [
            String(summary.pins),
            String(summary.held),
            ...copyLevels.map((level) => String(summary.copies[level])),
            summary.unverified ? `${exceptions} (unverified)` : String(exceptions),
          ]
    return [store, tier, cluster, ...cells, ageText(age)]
  })
  const states = new Map<string, number>()
  for (const { summary } of stores) {
    for (const [status, count] of Object.entries(summary?.statuses ?? {})) {
      states.set(status, (states.get(status) ?? 0) + count)
    }
  }
  const known = stores.filter(({ summary }) => summary !== undefined)
  const oldest = Math.max(...known.map(({ age = milliseconds(0) }) => age))
  return [
    ...table(
      [
        'STORE',
        'TIER',
        'CLUSTER',
        'PINSET',
        'HELD',
        ...copyLevels.map((level) => level.toUpperCase()),
        'TROUBLE',
        'SEEN',
      ],
      rows,
    ),
    '',
    known.length === 0
      ? 'By state: nothing is known.'
      : `By state, over ${known.length} of ${stores.length} stores, the oldest read ${durationText(milliseconds(oldest))} ago: ${
          [...states]
            .toSorted(([, a], [, b]) => b - a)
            .map(([status, count]) => `${count} ${status}`)
            .join(', ') || 'no pins'
        }.`,
  ]
}

/** Pins that are not as they should be, store by store. */
export function exceptionLines(
  found: readonly { store: string; age: number | null; exceptions: readonly PinException[]; count: number }[],
  stores: readonly PinsOfStore[],
): string[] {
  if (found.length === 0) {
    const ages = stores.flatMap(({ age }) => (age === undefined ? [] : [age]))
    return [
      ages.length === 0 ? 'Nothing is known.' : `None, as of ${durationText(milliseconds(Math.max(...ages)))} ago.`,
    ]
  }
  return found.flatMap(({ store, age, exceptions, count }) => {
    const readAt = stores.find((one) => one.store === store)?.summary?.readAt ?? 0
    return [
      `${store}: ${count}, read ${age === null ? unknown : durationText(milliseconds(age))} ago`,
      ...table(
        ['  CID', 'WHAT', 'FOR', 'NAME', 'REASON'],
        exceptions.map(({ cid, kind, since, name, reason }) =>
          [
            `  ${cid}`,
            kind,
            since === readAt ? 'new' : durationText(milliseconds(Math.max(0, readAt - since))),
            name,
            reason,
          ].map(printable),
        ),
      ),
      ...(exceptions.length < count ? [`  … and ${count - exceptions.length} more`] : []),
      '',
    ]
  })
}

const difference: Record<DifferenceKind, string> = {
  missing: 'missing on some',
  holders: 'other holders',
  options: 'other options',
  written: 'written at another time',
}

export function comparisonLines(
  cluster: string,
  { groups, divergences, inFlight, isCut }: Comparison,
  stores: readonly PinsOfStore[],
): string[] {
  const ages = stores
    .filter((store) => store.cluster === cluster)
    .flatMap(({ age }) => (age === undefined ? [] : [age]))
  const asOf = ages.length === 0 ? '' : `; indexes up to ${durationText(milliseconds(Math.max(...ages)))} old`
  const peers = groups.reduce((sum, group) => sum + group.peers.length, 0)
  if (groups.length < 2) {
    return [
      peers < 2
        ? `${cluster}: fewer than two peers to compare`
        : `${cluster}: ${peers} peers agree on every pin${asOf}`,
    ]
  }
  return [
    `${cluster}: ${divergences.length} ${divergences.length === 1 ? 'pin' : 'pins'} diverged${isCut ? ', and more than were looked into (--most)' : ''}; ${inFlight} on their way${asOf}`,
    ...divergences.flatMap(({ cid, kind, sides }) => [
      `  ${printable(cid)}  ${difference[kind]}`,
      ...sides.map(({ peers: some, pin }) => `    ${namesText(some)}: ${describe(pin)}`),
    ]),
  ]
}

/** How many peers a line names. */
const named = 4

const namesText = (names: readonly string[]): string =>
  names.length > named ? `${names.slice(0, named).join(', ')} and ${names.length - named} more` : names.join(', ')

function describe(pin: Pin | null | undefined): string {
  if (pin === undefined) return unknown
  if (pin === null) return 'not in its pinset'
  const holders =
    pin.replicationMin === -1 ? 'everywhere' : pin.allocations.map((peer) => `…${peer.slice(-6)}`).join(' ')
  return printable(
    `${pin.name === '' ? 'no name' : pin.name}, ${pin.replicationMin} to ${pin.replicationMax} copies, on ${holders}, written ${pin.timestamp}`,
  )
}

export function pinLines(
  cid: string,
  found: readonly {
    store: string
    indexed: IndexedPin | null | undefined
    now: Pin | null | undefined
    error?: string
  }[],
): string[] {
  return [
    printable(cid),
    ...table(
      ['STORE', 'STATE', 'LEVEL', 'WALKED', 'ITS PEER SAYS NOW'],
      found.map(({ store, indexed, now, error }) => [
        store,
        indexed === undefined ? unknown : (indexed?.status ?? 'not in its pinset'),
        indexed === undefined ? unknown : (indexed?.level ?? '-'),
        indexed?.walkedAt === undefined || indexed.walkedAt === null ? '-' : new Date(indexed.walkedAt).toISOString(),
        error === undefined ? describe(now) : printable(error),
      ]),
    ),
  ]
}
