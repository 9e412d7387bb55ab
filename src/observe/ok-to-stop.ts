import type { FleetView } from '../domain/health/view.ts'
import { type Loss, referenceOf, withLoss } from '../domain/placement/ask.ts'
import type { ClusterPlacement } from '../domain/placement/cluster-placement.ts'
import { type Member, membersOf } from '../domain/placement/member.ts'
import { type Reach, reachOf, type TargetKind } from '../domain/placement/targets.ts'
import { judgeStop, type StopAnswer, type StopPolicy } from '../domain/placement/verdict.ts'
import { assessVersions, findDiffering } from './differing-pins.ts'
import { placementOf, type PlacementSources, withAllNamed } from './placement.ts'
import { ofTheseReadings, withListsReadAnew } from './read-anew.ts'

/** Whether some things may be stopped or lost, with all that it rests on. */
export interface OkToStop extends StopAnswer {
  reach: Reach
  placements: ClusterPlacement[]
}

/**
 * Asks the clusters that are concerned what their pins would have without those things. The lists of all their peers are read
 * anew first, which takes about as long as the longest of them; `view` was made just before. A yes stands for the moment at
 * which they were read. Never rejects for what cannot be asked.
 */
export async function okToStop(
  view: FleetView,
  sources: PlacementSources,
  what: { kind: TargetKind; names: readonly string[]; policy: StopPolicy },
  signal?: AbortSignal,
): Promise<OkToStop> {
  const reach = reachOf(view, what.kind, what.names)
  const asked = await Promise.all(
    [...reach.members].map(([cluster, gone]) =>
      askCluster(view, sources, { cluster, gone, policy: what.policy }, signal),
    ),
  )
  const placements = asked.map(({ placement }) => placement)
  const unseen = [...new Set([...reach.unseen, ...asked.flatMap((one) => one.unseen)])]
  return { ...judgeStop(what.policy, placements, { ...reach, unseen }), reach: { ...reach, unseen }, placements }
}

interface AskedCluster {
  placement: ClusterPlacement
  unseen: string[]
}

/** What differs between lists is mostly on its way: it is asked once more. */
const triesWhereOthersDiffer = 2
/** Lists were read anew by somebody else while they were asked. */
const triesWhereReadMeanwhile = 3

async function askCluster(
  view: FleetView,
  sources: PlacementSources,
  { cluster, gone, policy }: { cluster: string; gone: readonly Member[]; policy: StopPolicy },
  signal: AbortSignal | undefined,
): Promise<AskedCluster> {
  for (let tries = 1; ; tries += 1) {
    const fresh = await withListsReadAnew(view, membersOf(view, cluster), sources.pins, signal)
    const members = await ofTheseReadings(await withAllNamed(fresh, sources.pins, signal), sources.pins, signal)
    const loss: Loss = { ...policy, without: gone.map(({ peer }) => peer), strangers: 'may-go' }
    const { placement, isOfOneReading } = await placementNow(cluster, members, loss, sources, signal)
    const concerned = members.filter(({ called }) => gone.some((one) => one.called === called))
    const unseen = concerned.flatMap((member) => unseenOf(member, policy))
    const { verdict } = judgeStop(policy, [placement], { isAssumed: false, unseen: [] })
    const differ = placement.state === 'known' && placement.others > 0 && verdict !== 'ok'
    const most = isOfOneReading ? (differ ? triesWhereOthersDiffer : 1) : triesWhereReadMeanwhile
    if (tries >= most || signal?.aborted === true) return { placement, unseen }
  }
}

/** By the pinset of most peers, with the pins that others have otherwise. */
async function placementNow(
  cluster: string,
  members: readonly Member[],
  loss: Loss,
  sources: PlacementSources,
  signal: AbortSignal | undefined,
): Promise<{ placement: ClusterPlacement; isOfOneReading: boolean }> {
  const reference = referenceOf(members)?.member
  if (reference === undefined) {
    const asked = withLoss(members, loss)
    return { placement: await placementOf(cluster, members, asked, sources.placement, signal), isOfOneReading: true }
  }
  const differences = await findDiffering(members, reference, sources.pins, signal)
  const asked = withLoss(differences.members, loss)
  const placement = await placementOf(cluster, differences.members, asked, sources.placement, signal)
  if (placement.state === 'unknown') return { placement, isOfOneReading: true }
  if (placement.readAt !== reference.lists?.summary.readAt) {
    const reason = `the pin index of ${placement.by} answered by another reading of its lists than was asked for`
    return { placement: { state: 'unknown', cluster, reason }, isOfOneReading: false }
  }
  const { digest } = reference.lists?.summary ?? {}
  const others = members.filter(({ lists }) => lists !== undefined && lists.summary.digest !== digest).length
  const differing = differences.areAll ? { differing: assessVersions(differences, asked.question) } : {}
  return { placement: { ...placement, others, ...differing }, isOfOneReading: true }
}

/** Why a member that is to be stopped may hold what nobody knows. */
function unseenOf({ called, doubt, lists, noLists, reach, reason }: Member, policy: StopPolicy): string[] {
  if (doubt !== undefined) return [`${called}: ${doubt}`]
  if (lists !== undefined) return []
  // Whose copies nobody can reach loses none by a restart.
  if (policy.for === 'restart' && reach === 'down') return []
  return [
    `${called}: ${noLists ?? (reason === '' ? 'nobody keeps an index of its pins' : reason)}, and what it alone has is not seen`,
  ]
}
