import { fill } from '../domain/dataset.ts'
import { isStale } from '../domain/health/staleness.ts'
import { answered, type AnsweredHost } from '../domain/health/view.ts'
import { leaves, type PoolStatus } from '../domain/pool-status.ts'
import { extentOf } from '../domain/scrub-extent.ts'
import type { Reading } from '../domain/observation.ts'
import { bytesText, durationText, percent } from '../domain/text-units.ts'
import { age } from '../domain/units.ts'
import { current } from './current.ts'
import { disks } from './disks-noun.ts'
import type { Item, Noun } from './inventory.ts'

const unknown = '?'

const hosts: Noun = {
  plural: 'hosts',
  singular: 'host',
  description: 'the declared hosts, and whether their agents answer',
  example: 'n1',
  header: ['HOST', 'ADDRESS', 'AGENT', 'OPENZFS', 'STORES'],
  items: ({ hosts: views }) =>
    views.map(({ declaration, contact }) => {
      const common = {
        host: declaration.name,
        address: declaration.address,
        declaredStores: declaration.stores.map(({ name }) => name),
      }
      if (contact.state === 'unreachable') {
        return {
          id: declaration.name,
          cells: [declaration.name, declaration.address, 'does not answer', unknown, String(declaration.stores.length)],
          detail: { ...common, answers: false, error: contact.error, hint: contact.hint },
        }
      }
      const { observation, took } = contact
      const version = observation.zfs?.version.last?.value
      return {
        id: declaration.name,
        cells: [
          declaration.name,
          declaration.address,
          `answers in ${durationText(took)}`,
          observation.zfs === null ? 'not used' : (version?.userland ?? unknown),
          String(observation.stores.length),
        ],
        detail: {
          ...common,
          answers: true,
          tiercelVersion: observation.tiercelVersion,
          zfs: version ?? null,
          stores: observation.stores,
        },
      }
    }),
}

const stores: Noun = {
  plural: 'stores',
  singular: 'store',
  description: 'the stores: tier, pool, Cluster peer and Kubo of each',
  example: 'n1/hot',
  header: ['STORE', 'TIER', 'CLUSTER', 'POOL', 'STATE', 'USED', 'PEER', 'KUBO'],
  items: (view) =>
    answered(view).flatMap((host) =>
      host.observation.stores.map((store): Item => {
        const id = `${host.name}/${store.name}`
        const states = current(host.observation.zfs?.poolStates, host)
        const state = store.pool === undefined ? undefined : states?.[store.pool]
        const dataset = current(host.observation.zfs?.datasets, host)?.kept.find(({ name }) => name === store.dataset)
        const daemons = host.observation.storeObservations.find(({ name }) => name === store.name)
        return {
          id,
          cells: [
            id,
            store.tier,
            store.cluster,
            store.pool ?? 'none',
            store.pool === undefined ? '-' : (state ?? unknown),
            dataset === undefined ? unknown : percent(fill(dataset)),
            answers(daemons?.peer ?? null, host),
            answers(daemons?.kubo ?? null, host),
          ],
          detail: { store: id, ...store, poolState: state, dataset, ...daemons },
        }
      }),
    ),
}

const peers: Noun = {
  plural: 'peers',
  singular: 'peer',
  description: 'the Cluster peers: identity, version, and how many peers each one sees',
  example: 'n1/hot',
  header: ['PEER', 'CLUSTER', 'ID', 'VERSION', 'SEES', 'KUBO'],
  items: (view) =>
    answered(view).flatMap((host) =>
      host.observation.storeObservations.flatMap(({ name, peer }): Item[] => {
        if (peer === null) return []
        const id = `${host.name}/${name}`
        const cluster = host.observation.stores.find((store) => store.name === name)?.cluster ?? unknown
        const value = current(peer, host)
        return [
          {
            id,
            cells: [
              id,
              cluster,
              value?.id ?? unknown,
              value?.version ?? unknown,
              value === undefined
                ? answers(peer, host)
                : `${value.sees.length} ${value.sees.length === 1 ? 'peer' : 'peers'}`,
              value === undefined ? unknown : value.kubo.error === '' ? 'answers' : 'does not answer',
            ],
            detail: { peer: id, cluster, ...peer },
          },
        ]
      }),
    ),
}

const pools: Noun = {
  plural: 'pools',
  singular: 'pool',
  description: 'the ZFS pools: state, space, errors and last scrub',
  example: 'n1/hot-tier',
  restsOn: ({ poolStatus }) => poolStatus,
  header: ['POOL', 'STATE', 'SIZE', 'CAP', 'FRAG', 'DISKS', 'ERRORS', 'LAST SCRUB', 'SEEN'],
  items: (view) =>
    answered(view).flatMap((host) => {
      const { zfs } = host.observation
      if (zfs === null) return []
      const states = current(zfs.poolStates, host) ?? {}
      const statuses = zfs.poolStatus.last?.value ?? []
      const lists = zfs.pools.last?.value ?? []
      const names = [
        ...new Set([...Object.keys(states), ...statuses.map(({ name }) => name), ...lists.map(({ name }) => name)]),
      ]
      return names.toSorted().map((name): Item => {
        const id = `${host.name}/${name}`
        const status = statuses.find((pool) => pool.name === name)
        const list = lists.find((pool) => pool.name === name)
        return {
          id,
          cells: [
            id,
            states[name] ?? status?.state ?? unknown,
            list === undefined ? unknown : bytesText(list.size),
            list === undefined ? unknown : percent(list.capacity),
            list === undefined || list.fragmentation === null ? unknown : percent(list.fragmentation),
            status === undefined ? unknown : String(leaves(status.vdevs.data).length),
            errorsText(status),
            lastScrub(status, host),
            seen(zfs.poolStatus, host),
          ],
          detail: { pool: id, state: states[name] ?? null, list, status },
        }
      })
    }),
}

const datasets: Noun = {
  plural: 'datasets',
  singular: 'dataset',
  description: 'the ZFS datasets of the stores: space and mounts',
  example: 'n1/hot-tier/ipfs-cluster',
  restsOn: (zfs) => zfs.datasets,
  header: ['DATASET', 'USED', 'AVAILABLE', 'FULL', 'MOUNTED', 'MOUNTPOINT'],
  items: (view) =>
    answered(view).flatMap((host) =>
      (host.observation.zfs?.datasets.last?.value.kept ?? []).map((dataset): Item => {
        const id = `${host.name}/${dataset.name}`
        return {
          id,
          cells: [
            id,
            bytesText(dataset.used),
            bytesText(dataset.available),
            percent(fill(dataset)),
            dataset.mounted === null ? '-' : dataset.mounted ? 'yes' : 'no',
            dataset.mountpoint ?? '-',
          ],
          detail: { dataset: id, ...dataset },
        }
      }),
    ),
}

export const nouns: readonly Noun[] = [hosts, stores, peers, pools, disks, datasets]

function answers(reading: Reading<unknown> | null, host: AnsweredHost): string {
  if (reading === null) return 'not declared'
  if (reading.trouble !== null) return 'does not answer'
  return reading.last === null || isStale(reading, host.now) ? unknown : 'answers'
}

function errorsText(status: PoolStatus | undefined): string {
  if (status === undefined || status.dataErrors.count === null) return unknown
  const { count, unread } = status.dataErrors
  // What ZFS lists no more, and nobody has read since.
  if (count === 0) return unread === undefined ? 'none' : `${unread.count} unlisted`
  return `${count} in data`
}

function lastScrub(status: PoolStatus | undefined, host: AnsweredHost): string {
  if (status === undefined) return unknown
  const scrub = [...status.scans, ...(status.olderScans ?? [])].find(({ kind }) => kind === 'scrub')
  if (scrub === undefined) return 'not known'
  if (scrub.state !== 'finished')
    return scrub.share === undefined ? scrub.state : `${scrub.state}, ${percent(scrub.share)}`
  if (scrub.endedAt === undefined) return unknown
  const ago = `${durationText(age(scrub.endedAt, host.now))} ago`
  const extent = extentOf(scrub, host.observation.zfs?.version.last?.value)
  return extent === 'whole' ? ago : extent === 'part' ? `${ago}, a part` : `${ago}, perhaps a part`
}

const seen = ({ last }: Reading<unknown>, host: AnsweredHost): string =>
  last === null ? 'not yet' : `${durationText(age(last.at, host.now))} ago`
