import { explain } from '../domain/errors.ts'
import { answered, type FleetView } from '../domain/health/view.ts'
import { identityOf, type Member } from '../domain/placement/member.ts'
import type { PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { type Instant, minutes } from '../domain/units.ts'
import type { PlacementSources } from './placement.ts'

/** What lists may take that were never read before, and as often as the last time beside it. */
const readWithin = minutes(2)
const timesAsLong = 3
/** A reading that had begun before it was asked for does not count: then once more. */
const mostReadings = 3

/**
 * The same members, each with its lists read anew: they began to be read after `view` was made, and whatever could not be read
 * so is not known. Only such lists can say that a copy is there, and which pins there are. Never rejects.
 */
export async function withListsReadAnew(
  view: FleetView,
  members: readonly Member[],
  pins: PlacementSources['pins'],
  signal?: AbortSignal,
): Promise<Member[]> {
  const clocks = new Map(answered(view).map(({ name, now }) => [name, now]))
  return Promise.all(
    members.map(async (member) => {
      const { host, store, lists, noLists } = member
      const since = clocks.get(host ?? '')
      if (host === undefined || store === undefined || since === undefined) return withoutLists(member, noLists)
      const allowed = readWithin + timesAsLong * (lists?.summary.took ?? 0)
      const limited = AbortSignal.any([AbortSignal.timeout(allowed), ...(signal === undefined ? [] : [signal])])
      try {
        return readAs(member, await readSince(since, pins, { host, store }, limited))
      } catch (error) {
        return withoutLists(member, `its lists could not be read anew (${explain(error)})`)
      }
    }),
  )
}

const withoutLists = (member: Member, noLists: string | undefined): Member => ({ ...member, lists: undefined, noLists })

/** The same members, those without lists whose exceptions were asked for by name and may be those of a later reading. */
export async function ofTheseReadings(
  members: readonly Member[],
  pins: PlacementSources['pins'],
  signal?: AbortSignal,
): Promise<Member[]> {
  return Promise.all(
    members.map(async (member) => {
      const { host, store, lists } = member
      if (host === undefined || store === undefined || lists?.exceptions === undefined) return member
      const now = await pins(host, store)
        .summary(signal)
        .catch(() => undefined)
      return now?.readAt === lists.summary.readAt ? member : withoutLists(member, 'its lists were read anew meanwhile')
    }),
  )
}

/** `since`: on the clock of the host. */
async function readSince(
  since: Instant,
  pins: PlacementSources['pins'],
  { host, store }: { host: string; store: string },
  signal: AbortSignal,
): Promise<PinsetSummary> {
  const index = pins(host, store)
  let summary = await index.refresh(signal)
  for (let readings = 1; summary.readAt < since && readings < mostReadings; readings += 1) {
    summary = await index.refresh(signal)
  }
  if (summary.readAt < since) throw new RangeError('the index gives an earlier reading than was asked for')
  return summary
}

function readAs(member: Member, summary: PinsetSummary): Member {
  const { doubt } = identityOf([summary.peer], member.peer, member.called)
  const { reach, reason, kubo } = member
  return {
    ...member,
    doubt: member.doubt ?? doubt,
    lists: { summary, age: summary.took },
    noLists: undefined,
    ...(kubo === undefined ? { doubt: member.doubt ?? 'nobody knows into which Kubo it pins' } : {}),
    // It was down when it was looked at, and its lists could be read since: it may be back.
    ...(reach === 'down' ? { reach: 'unknown', reason: `${reason}, or did not` } : {}),
  }
}
