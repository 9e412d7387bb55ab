import type { Check } from '../check.ts'
import type { Evidence, Finding, Place } from '../finding.ts'
import { presentOf, storesOf } from '../stores-of-host.ts'
import { answered, type FleetView } from '../view.ts'

export const versionSkew: Check = {
  code: 'VERSION_SKEW',
  title: 'One fleet runs several versions of one program',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      'Peers of one cluster run different versions of IPFS Cluster or of Kubo, or the agents of one fleet different versions of Tiercel: during a rolling update that is so for a while; else one was forgotten. Different versions of OpenZFS are told as info, since pools are not shared between hosts.',
    endangers:
      'The same request is answered in different ways, and errors that are mended on one host strike on another. An older OpenZFS may not receive what a newer one sends.',
    remedy: 'Finish the update, one peer at a time, each healthy before the next.',
    sources: [
      'peers of IPFS Cluster speak to each other when rpc_protocol_version is equal, which it is in all of 1.x; releases of 1.x side by side are for a rolling update (docs, guides/upgrades)',
    ],
  },
  find: (view) => [
    ...view.fleet.clusters.flatMap(({ name: cluster }) => {
      const place: Place = { kind: 'cluster', cluster }
      const endangers =
        'The same request can be answered in two ways, and an error that is mended on one peer strikes on another.'
      const remedy =
        'Finish the update on the peers that lag behind: one peer at a time, each pinned, without a queue and seen by all others before the next.'
      return [
        ...skew(versionsIn(view, cluster, 'peer'), {
          severity: 'warning',
          subject: cluster,
          place,
          endangers,
          remedy,
          of: `IPFS Cluster in cluster ${cluster}`,
        }),
        ...skew(versionsIn(view, cluster, 'kubo'), {
          severity: 'warning',
          subject: `${cluster}/kubo`,
          place,
          endangers,
          remedy,
          of: `Kubo in cluster ${cluster}`,
        }),
      ]
    }),
    ...skew(
      answered(view).map(({ name, observation }) => {
        return { version: observation.tiercelVersion, name, source: 'observation', at: observation.answeredAt }
      }),
      {
        severity: 'warning',
        subject: 'fleet',
        place: { kind: 'fleet' },
        of: 'Tiercel',
        endangers: 'Older agents look at less: what a newer one would find is not found on their hosts.',
        remedy: 'Install the newest of these versions on every host, and restart the agents.',
      },
    ),
    ...skew(
      answered(view).flatMap((host) => {
        const reading = host.observation.zfs?.version
        const zfs = presentOf(reading, host)
        if (reading === undefined || zfs === undefined) return []
        return [{ version: zfs.userland, name: host.name, source: reading.source, at: reading.last?.at }]
      }),
      {
        severity: 'info',
        subject: 'fleet/openzfs',
        place: { kind: 'fleet' },
        of: 'OpenZFS',
        endangers: '',
        remedy: 'Nothing has to be done. Before a `zfs send` between hosts, compare the features of both pools.',
      },
    ),
  ],
}

interface Found {
  version: string
  /** Who runs it: `n1`, `n1/hot`. */
  name: string
  source: string
  at: Evidence['observedAt']
}

function versionsIn(view: FleetView, cluster: string, what: 'peer' | 'kubo'): Found[] {
  return answered(view).flatMap((host) =>
    storesOf(host).flatMap((store): Found[] => {
      const reading = store.observed?.[what]
      const version = presentOf<{ version: string }>(reading, host)?.version ?? ''
      if (store.cluster !== cluster || reading === null || reading === undefined || version === '') return []
      return [{ version, name: `${host.name}/${store.name}`, source: reading.source, at: reading.last?.at }]
    }),
  )
}

/** How many of those who run one version a finding names. */
const maxNamed = 5

function skew(
  found: readonly Found[],
  about: Pick<Finding, 'severity' | 'subject' | 'place' | 'endangers' | 'remedy'> & { of: string },
): Finding[] {
  const { of, ...finding } = about
  const byVersion = [...Map.groupBy(found, ({ version }) => version)].toSorted(
    ([one, some], [other, others]) => others.length - some.length || newestFirst.compare(other, one),
  )
  if (byVersion.length < 2) return []
  const parts = byVersion.map(([version, some]) => `${version} (${some.length})`)
  return [
    {
      code: 'VERSION_SKEW',
      ...finding,
      summary: `Several versions of ${of} run side by side: ${parts.join(', ')}.`,
      evidence: byVersion.flatMap(([version, some]) =>
        some.slice(0, maxNamed).map(({ name, source, at }) => {
          return { what: `version on ${name}`, value: version, source, ...(at === undefined ? {} : { observedAt: at }) }
        }),
      ),
    },
  ]
}

const newestFirst = new Intl.Collator('en', { numeric: true })
