import type { FleetView } from '../domain/health/view.ts'
import { withLoss } from '../domain/placement/ask.ts'
import type { ClusterPlacement } from '../domain/placement/cluster-placement.ts'
import { membersOf } from '../domain/placement/member.ts'
import { type Reach, reachOf, type TargetKind } from '../domain/placement/targets.ts'
import { judgeStop, type StopAnswer, type StopPolicy } from '../domain/placement/verdict.ts'
import { placementOf, type PlacementSources, withAllNamed } from './placement.ts'

/** Whether some things may be stopped or lost, with all that it rests on. */
export interface OkToStop extends StopAnswer {
  reach: Reach
  placements: ClusterPlacement[]
}

/** Asks the clusters that are concerned what their pins would have without those things. Never rejects for what cannot be asked. */
export async function okToStop(
  view: FleetView,
  sources: PlacementSources,
  what: { kind: TargetKind; names: readonly string[]; policy: StopPolicy },
  signal?: AbortSignal,
): Promise<OkToStop> {
  const reach = reachOf(view, what.kind, what.names)
  const placements = await Promise.all(
    [...reach.members].map(async ([cluster, gone]) => {
      const members = await withAllNamed(membersOf(view, cluster), sources.pins, signal)
      const asked = withLoss(members, { ...what.policy, without: gone.map(({ peer }) => peer) })
      return placementOf(cluster, members, asked, sources.placement, signal)
    }),
  )
  return { ...judgeStop(what.policy, placements, reach), reach, placements }
}
