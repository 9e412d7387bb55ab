import { ApiUrl, DatasetName, Name, PeerId, PoolName } from '../fleet.ts'
import type { FoundDaemon, HostDiscovery } from './discovery.ts'

/** A store as it will be written, before what cannot be seen has been asked. */
export interface StoreDraft {
  name: string
  tier: string
  /** Whether the tier was seen: in a tag or a name. Otherwise somebody has to say it. */
  isTierSeen: boolean
  pool: string | undefined
  dataset: string | undefined
  peer: FoundDaemon | undefined
  kubo: FoundDaemon | undefined
  /** What a reader of the file has to know, a sentence each. */
  notes: string[]
}

/** The stores of a host: each Cluster peer with its Kubo, and each Kubo without one. */
export function storesOn(discovery: HostDiscovery): StoreDraft[] {
  const drafts = pairs(discovery).map(({ peer, kubo }): StoreDraft => {
    const notes: string[] = []
    const { pool, dataset } = datasetOf(discovery, peer, kubo, notes)
    const seen = tierOf([peer?.tier, peer?.unit, kubo?.unit, dataset, pool, kubo?.folder, peer?.folder])
    if (peer === undefined) notes.push('No Cluster peer was seen with this Kubo.')
    if (peer !== undefined && peer.id === undefined) notes.push('Which cluster its peer belongs to could not be seen.')
    if (kubo === undefined) notes.push('No Kubo was seen with this Cluster peer.')
    return { name: '', tier: seen ?? 'main', isTierSeen: seen !== undefined, pool, dataset, peer, kubo, notes }
  })
  const taken = new Set<string>()
  return drafts
    .toSorted((a, b) => compare(sortKey(a), sortKey(b)))
    .map((draft) => {
      const wished = draft.isTierSeen ? draft.tier : (lastName(draft.dataset) ?? draft.pool ?? draft.tier)
      const name = unused(slug(wished) ?? 'store', taken)
      taken.add(name)
      return { ...draft, name }
    })
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const sortKey = ({ tier, pool, dataset, kubo, peer }: StoreDraft): string =>
  [order.indexOf(tier) === -1 ? 9 : order.indexOf(tier), pool, dataset, kubo?.url, peer?.url].join('\0')

interface Pair {
  peer: FoundDaemon | undefined
  kubo: FoundDaemon | undefined
}

/** A Cluster peer names its Kubo; where it does not, the two share a pool, if no others do. */
function pairs(discovery: HostDiscovery): Pair[] {
  const kubos = new Set(discovery.daemons.filter(({ kind }) => kind === 'kubo'))
  const peers = discovery.daemons.filter(({ kind }) => kind === 'cluster')
  const found = new Map<FoundDaemon, FoundDaemon>()
  const pair = (fits: (peer: FoundDaemon, kubo: FoundDaemon) => boolean) => {
    for (const peer of peers.filter((each) => !found.has(each))) {
      const candidates = [...kubos].filter((kubo) => fits(peer, kubo))
      const rivals = peers.filter((other) => !found.has(other) && candidates.some((kubo) => fits(other, kubo)))
      const [only] = candidates
      if (only === undefined || candidates.length > 1 || rivals.length > 1) continue
      found.set(peer, only)
      kubos.delete(only)
    }
  }
  const poolOf = (daemon: FoundDaemon) => homeOf(discovery, daemon)?.split('/')[0]
  pair((peer, kubo) => peer.kuboId !== undefined && peer.kuboId !== '' && peer.kuboId === kubo.id)
  pair((peer, kubo) => poolOf(peer) !== undefined && poolOf(peer) === poolOf(kubo))
  pair((peer) => poolOf(peer) === undefined)
  return [
    ...peers.map((peer) => ({ peer, kubo: found.get(peer) })),
    ...[...kubos].map((kubo) => ({ peer: undefined, kubo })),
  ]
}

/** The dataset that holds both folders: the nearest that is above the datasets of both. */
function datasetOf(
  discovery: HostDiscovery,
  peer: FoundDaemon | undefined,
  kubo: FoundDaemon | undefined,
  notes: string[],
): { pool: string | undefined; dataset: string | undefined } {
  const homes = [kubo, peer].flatMap((daemon) => {
    const home = daemon === undefined ? undefined : homeOf(discovery, daemon)
    return home === undefined ? [] : [home.split('/')]
  })
  const [first, second = first] = homes
  if (first === undefined || second === undefined) {
    const folder = kubo?.folder ?? peer?.folder
    notes.push(
      folder === undefined
        ? 'Where its data lies could not be seen: add pool and dataset.'
        : `Its data, ${folder}, lies on no ZFS dataset.`,
    )
    return { pool: undefined, dataset: undefined }
  }
  const apart = first.findIndex((part, index) => part !== second[index])
  const shared = apart === -1 ? first : first.slice(0, apart)
  if (shared.length === 0) notes.push(`Its Kubo lies on ${first[0]}, its Cluster folder on ${second[0]}.`)
  const dataset = (shared.length === 0 ? first : shared).join('/')
  const pool = dataset.split('/')[0]
  const isWritable = PoolName.safeParse(pool).success && DatasetName.safeParse(dataset).success
  return isWritable ? { pool, dataset } : { pool: undefined, dataset: undefined }
}

/** The dataset that a daemon's folder lies on: that with the longest mount point above it. */
function homeOf({ datasets }: HostDiscovery, { folder }: FoundDaemon): string | undefined {
  if (folder === undefined) return undefined
  const above = datasets.filter(
    ({ mountpoint, mounted }) =>
      mounted === true &&
      mountpoint?.startsWith('/') === true &&
      (mountpoint === '/' || folder === mountpoint || folder.startsWith(`${mountpoint}/`)),
  )
  return above.toSorted((a, b) => (b.mountpoint?.length ?? 0) - (a.mountpoint?.length ?? 0))[0]?.name
}

const order = ['hot', 'warm', 'cold']

/** The tier, from the first text with a word for one: a tag first, then the names that the runbook gives. */
function tierOf(texts: readonly (string | undefined)[]): string | undefined {
  const [tag, ...names] = texts
  if (tag !== undefined && Name.safeParse(tag).success) return tag
  for (const name of names) {
    const word = /(?:^|[^a-z])(hot|warm|cold)(?:[^a-z]|$)/i.exec(name ?? '')?.[1]
    if (word !== undefined) return word.toLowerCase()
  }
  return undefined
}

/** The last part of a dataset's name that is not what every store has. */
function lastName(dataset: string | undefined): string | undefined {
  return dataset?.split('/').findLast((part) => !/^(ipfs|ipfs-cluster|kubo|cluster|data|blocks)$/.test(part))
}

/** A text as one of our names; undefined where nothing is left of it. */
export function slug(text: string): string | undefined {
  const name = text
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/-+$/, '')
    .slice(0, 63)
  return Name.safeParse(name).success ? name : undefined
}

/** The name, or with a number behind it. */
export function unused(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name.slice(0, 58)}-${number}`
    if (!taken.has(candidate)) return candidate
  }
}

/** What can stand in our files: an ID and an address of the forms that they allow. */
export const writablePeer = (daemon: FoundDaemon | undefined): string | undefined => PeerId.safeParse(daemon?.id).data
export const writableUrl = (daemon: FoundDaemon | undefined): string | undefined => ApiUrl.safeParse(daemon?.url).data
