import type { TargetKind } from '../src/domain/placement/targets.ts'
import type { StopPolicy, Verdict } from '../src/domain/placement/verdict.ts'
import type { FleetView } from '../src/domain/health/view.ts'
import type { PlacementSources } from '../src/observe/placement.ts'
import { okToStop } from '../src/observe/ok-to-stop.ts'
import { nextBetween, nextShare } from '../src/sim/random.ts'
import { createPinWorld, doAgree, happen, oneIn, type PinWorld, trouble, type WorldPeer } from './pin-world.ts'
import { breaking } from './pin-world-truth.ts'
import { agentsOf } from './pin-world-view.ts'

/** What is done to the mechanism, to see that it is needed. */
export interface Sabotage {
  sources?: (sources: PlacementSources) => PlacementSources
  view?: (view: FleetView) => FleetView
}

/** One question about one world. */
export interface Asked {
  verdict: Verdict
  /** Pins that would have broken the policy at every moment while it was asked. */
  broken: string[]
  /** Whether nothing would have broken it at any moment. */
  isFine: boolean
  /** Every agent answered, everything was up and rightly declared: the lists were younger than the question took. */
  isCalm: boolean
  /** Whether in the end all peers have one pinset. */
  doAgree: boolean
  what: { kind: TargetKind; names: string[]; policy: StopPolicy }
  reasons: readonly string[]
}

/** So many things happen while a question is asked, at most: each takes up to two seconds. */
const mostMeanwhile = 3

/** Makes a world, asks whether something in it may be stopped, and looks at what is so. */
export async function askWorld(seed: number, sabotage: Sabotage = {}): Promise<Asked> {
  const isCalm = seed % 2 === 0
  const world = createPinWorld(seed, { isCalm })
  const isWalked = oneIn(world, 2)
  const what = question(world, isWalked)
  const gone = new Set(world.peers.filter((peer) => isMeant(what, peer)))
  let meanwhile = 0
  let isAsking = false
  let still: Set<string> | undefined
  let isFine = true
  const look = () => {
    const now = breaking(world, gone, what.policy)
    still = still === undefined ? now : still.intersection(now)
    if (now.size > 0) isFine = false
  }
  const turn = async () => {
    if (!isAsking || meanwhile === 0 || nextShare(world) > 0.1) return
    meanwhile -= 1
    if (!isCalm && oneIn(world, 6)) trouble(world)
    else happen(world)
    isAsking = false
    if (oneIn(world, 5)) await agents.readLists(world.peers[0] ?? unreachable())
    isAsking = true
    look()
  }
  const agents = agentsOf(world, turn, isWalked)
  // Lists of different ages.
  for (const peer of world.peers) {
    if (oneIn(world, 4)) continue
    await agents.readLists(peer)
    for (let events = nextBetween(world, 0, 3); events > 0; events -= 1) happen(world)
    if (!isCalm && oneIn(world, 5)) trouble(world)
    world.now += nextBetween(world, 0, 20_000)
  }
  const { view: change = (view) => view, sources: spoil = (sources) => sources } = sabotage
  const view = change(await agents.view())
  meanwhile = oneIn(world, 2) ? 0 : nextBetween(world, 1, mostMeanwhile)
  isAsking = true
  look()
  const { verdict, reasons } = await okToStop(view, spoil(agents.sources), what)
  look()
  return { verdict, broken: [...(still ?? [])], isFine, isCalm, doAgree: doAgree(world), what, reasons }
}

const unreachable = (): never => {
  throw new RangeError('a world has peers')
}

function question(world: PinWorld, isWalked: boolean): Asked['what'] {
  const peers = world.peers.filter(() => oneIn(world, 3))
  const [first] = world.peers
  const chosen = peers.length === 0 && first !== undefined ? [first] : peers.slice(0, 2)
  const kind: TargetKind = (['host', 'store', 'kubo', 'pool'] as const)[nextBetween(world, 0, 3)] ?? 'host'
  const names = chosen.map((peer) => nameOf(kind, peer))
  const keep = nextBetween(world, 0, 2)
  const policy: StopPolicy = oneIn(world, 2)
    ? { for: 'restart', keep: oneIn(world, 2) ? 1 : keep, level: 'pinned' }
    : { for: 'loss', keep: oneIn(world, 2) ? 'promise' : keep, level: isWalked ? 'complete' : 'pinned' }
  return { kind, names: [...new Set(names)], policy }
}

const nameOf = (kind: TargetKind, { host, store }: WorldPeer): string =>
  kind === 'host' ? host.name : kind === 'pool' ? `${host.name}/pool-${store}` : `${host.name}/${store}`

const isMeant = ({ kind, names }: Asked['what'], peer: WorldPeer): boolean => names.includes(nameOf(kind, peer))
