import type { Reading } from '../../observation.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Evidence, Finding } from '../finding.ts'
import { held, placeOfPool, type PoolOnHost, poolsIn } from '../pools-of-host.ts'

export const poolMissing: Check = {
  code: 'POOL_MISSING',
  title: 'A declared pool is not imported',
  severities: ['critical', 'unknown'],
  explanation: {
    meaning:
      'A store of the fleet file or of agent.yaml names a pool that the host does not have imported. The newest of three looks decides: the kernel, `zpool status`, `zpool list`. When they do not agree, or when nobody looks at ZFS on that host, it is unknown.',
    endangers: 'The copies of all pins held by the stores on that pool cannot be read.',
    remedy:
      '`zpool import` without a name only lists what could be imported. Make sure that no other host has the pool imported, then import it by its name or number.',
    sources: [
      'zpool-import(8)',
      '`zpool status` says nothing of a pool that is not imported (measured on 2.1.11 and 2.3.2)',
    ],
  },
  find: (view) => poolsIn(view).flatMap((pool) => (pool.stores.length === 0 ? [] : judge(pool))),
}

/** One way of looking at pools, and whether this one was there. */
interface Look {
  reading: Reading<unknown>
  there: boolean
  evidence: Evidence[]
}

function judge(pool: PoolOnHost): Finding[] {
  const { name, host, subject } = pool
  const common = { code: 'POOL_MISSING', subject, place: placeOfPool(pool) }
  if (host.observation.zfs === null) {
    return [
      {
        ...common,
        severity: 'unknown',
        summary: `Nobody looks at ZFS on ${host.name}, where pool ${name} should be.`,
        evidence: declarationsOf(pool),
        endangers: `It is not known whether ${name} is there, and with it ${held(pool)}.`,
        remedy: `Name the pool in the store of agent.yaml on ${host.name}, and restart the agent.`,
      },
    ]
  }
  const looks = looksAt(pool)
  const newest = looks.toSorted((a, b) => (b.reading.last?.at ?? 0) - (a.reading.last?.at ?? 0))[0]
  if (newest === undefined || looks.every(({ there }) => there)) return []
  const evidence = [...declarationsOf(pool), ...looks.flatMap((look) => look.evidence)]
  if (newest.there) {
    return [
      {
        ...common,
        severity: 'unknown',
        summary: `Pool ${name} on ${host.name} is seen by some commands and not by others.`,
        evidence,
        endangers: `The health of ${name} is not fully known; on it are ${held(pool)}.`,
        remedy: `If it was imported or exported just now, look again in a minute; otherwise run \`zpool status ${name}\` on ${host.name}.`,
      },
    ]
  }
  return [
    {
      ...common,
      severity: 'critical',
      summary: `Pool ${name} is not imported on ${host.name}.`,
      evidence,
      endangers: `As long as it is away, nobody can read ${held(pool)}.`,
      remedy: `Run \`zpool import\` on ${host.name}: without a name it only lists. If ${name} is listed, make sure that no other host has it, then run \`zpool import ${name}\`. If it is not listed, look for its disks: cables, controller, power.`,
    },
  ]
}

function looksAt({ name, host, status, listed }: PoolOnHost): Look[] {
  const { zfs } = host.observation
  if (zfs === null) return []
  const looks: [Reading<unknown>, boolean][] = [
    [zfs.poolStates, zfs.poolStates.last !== null && Object.hasOwn(zfs.poolStates.last.value, name)],
    [zfs.poolStatus, status !== undefined],
    [zfs.pools, listed !== undefined],
  ]
  return looks
    .filter(([reading, there]) => reading.last !== null && (there || !isInPart(reading)))
    .map(([reading, there]) => ({
      reading,
      there,
      evidence: evidenceFrom(reading, host.now, { 'pool is listed': there }),
    }))
}

/** A look of which a part was not understood: what it does not show can be in that part. PROBE_FAILED tells of it. */
const isInPart = ({ last, trouble }: Reading<unknown>): boolean =>
  trouble?.kind === 'not-understood' && last?.at === trouble.at

function declarationsOf({ name, stores }: PoolOnHost): Evidence[] {
  return stores.flatMap((store) => [
    ...(store.declared?.pool === name ? [declared(`pool of store ${store.name}`, name, 'fleet file')] : []),
    ...(store.local?.pool === name ? [declared(`pool of store ${store.name}`, name, 'agent.yaml')] : []),
  ])
}
