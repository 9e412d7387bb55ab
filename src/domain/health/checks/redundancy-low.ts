import { doesItsWork } from '../../pool-status.ts'
import type { Check } from '../check.ts'
import { declared } from '../evidence.ts'
import type { Finding } from '../finding.ts'
import { held, placeOfPool, type PoolOnHost, poolsIn, statusEvidence } from '../pools-of-host.ts'
import { danger, leftText, type Margin, margins } from '../redundancy.ts'

const code = 'REDUNDANCY_LOW'

export const redundancyLow: Check = {
  code,
  title: 'A part of a pool can lose fewer disks than it must be able to',
  severities: ['critical', 'warning', 'info'],
  explanation: {
    meaning:
      'How many more disks each top-level vdev (mirror, raidz, dRAID, single disk) can lose, whichever they are, before data is lost: disks that are out, still being resilvered or being replaced do not count, a spare counts once its resilver has ended. Critical when a vdev that was built to lose disks can lose none now; warning when it can lose fewer than the set number, or when a vdev was built to lose fewer than the strongest data vdev (a special or dedup vdev: fewer than the weakest), since its loss is the loss of the pool too. Info for a pool that was built without that redundancy. Pools that cannot be read now are told by POOL_FAULTED and POOL_SUSPENDED.',
    endangers: 'The next failed disk, or bad block on it, loses data of the whole pool.',
    remedy:
      'Bring back or replace the disks that are out, and take no other disk of that vdev out before the resilver has ended.',
    settings: ['checks.redundancy.atLeast'],
    sources: [
      'zpoolconcepts(7): mirror, raidz, draid, special, spare',
      'vdev_draid(4): any parity + 1 disks of a dRAID share some group',
      'spa_vdev_resilver_done of OpenZFS 2.1 to 2.4: `replacing` is gone when the new disk has all of the data',
      'disks of a dRAID are marked (resilvering) while its distributed spare is written (captured, 2.1.11)',
    ],
  },
  find: (view) => poolsIn(view).flatMap((pool) => judge(pool, view.fleet.checks.redundancy.atLeast)),
}

function judge(pool: PoolOnHost, atLeast: number): Finding[] {
  const { status, states } = pool
  if (status === undefined || states.some(({ state }) => !doesItsWork(state))) return []
  const all = margins(status)
  const data = all.filter((margin) => margin.class === 'data').map(({ builtFor }) => builtFor)
  const low = all.flatMap((margin) => lowOf(pool, margin, atLeast))
  const others = all.filter((margin) => lowOf(pool, margin, atLeast).length === 0)
  const bare = all.filter(({ builtFor, out }) => out === 0 && builtFor < atLeast)
  return [
    ...low,
    ...weakClass(pool, others, Math.min(...data)),
    ...weakData(pool, others, Math.max(...data)),
    ...builtWithout(pool, bare),
  ]
}

/** A vdev that has lost something. */
function lowOf(pool: PoolOnHost, margin: Margin, atLeast: number): Finding[] {
  const { vdev, left, out, builtFor } = margin
  if (out === 0 || left >= atLeast) return []
  const { name, host } = pool
  const can = left <= 0 ? 'no further disk' : `only ${left} more ${left === 1 ? 'disk' : 'disks'}`
  return [
    {
      code,
      severity: left <= 0 ? 'critical' : 'warning',
      subject: `${pool.subject}/${vdev.name}`,
      place: placeOfPool(pool),
      summary: `${vdev.name} of pool ${name} on ${host.name} can lose ${can}; it was built to lose ${builtFor}.`,
      evidence: [
        ...evidenceOf(pool, margin),
        declared('disks that each part must be able to lose', atLeast, 'fleet file'),
      ],
      endangers: danger(margin, held(pool)),
      remedy: `Take no other disk of ${vdev.name} out. Bring back or replace what is out (the DISK_ findings name it), and wait until \`zpool status ${name}\` shows that the resilver has ended.`,
    },
  ]
}

/** Special and dedup vdevs hold what nothing else holds: the pool is as safe as they are. */
function weakClass(pool: PoolOnHost, all: readonly Margin[], data: number): Finding[] {
  return all
    .filter((margin) => margin.class !== 'data' && margin.builtFor < data && margin.out === 0)
    .map((margin) => ({
      code,
      severity: 'warning' as const,
      subject: `${pool.subject}/${margin.vdev.name}`,
      place: placeOfPool(pool),
      summary: `The ${margin.class} vdev ${margin.vdev.name} of pool ${pool.name} on ${pool.host.name} can lose ${lossText(margin.builtFor)}, the data vdevs ${lossText(data)}.`,
      evidence: evidenceOf(pool, margin),
      endangers: `Without ${margin.vdev.name} the whole pool is lost, and with it ${held(pool)}.`,
      remedy: `Add a side to it: \`zpool attach ${pool.name} DISK NEW\`, where DISK is one of its disks.`,
    }))
}

/** A pool is as safe as its weakest data vdev: one that is unlike the others is the usual slip with `zpool add -f`. */
function weakData(pool: PoolOnHost, all: readonly Margin[], strongest: number): Finding[] {
  const { name, host, subject } = pool
  return all
    .filter((margin) => margin.class === 'data' && margin.builtFor < strongest)
    .map((margin) => ({
      code,
      severity: 'warning' as const,
      subject: `${subject}/${margin.vdev.name}`,
      place: placeOfPool(pool),
      summary: `The data vdev ${margin.vdev.name} of pool ${name} on ${host.name} was built to lose ${lossText(margin.builtFor)}, the strongest beside it ${lossText(strongest)}.`,
      evidence: evidenceOf(pool, margin),
      endangers: danger(margin, held(pool)),
      remedy:
        margin.vdev.kind === 'raidz' || margin.vdev.kind === 'draid'
          ? `The parity of ${margin.vdev.name} cannot be raised: move the data to a pool whose vdevs are alike.`
          : `Add a side to it: \`zpool attach ${name} DISK NEW\`, where DISK is ${margin.vdev.children[0]?.name ?? margin.vdev.name}.`,
    }))
}

const lossText = (count: number): string => (count === 0 ? 'no disk' : `${count} ${count === 1 ? 'disk' : 'disks'}`)

/** Single disks, or a mirror where two losses were asked for: it was built so, and nothing has failed. */
function builtWithout(pool: PoolOnHost, bare: readonly Margin[]): Finding[] {
  const names = bare.map(({ vdev }) => vdev.name)
  if (names.length === 0) return []
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return [
    {
      code,
      severity: 'info',
      subject: pool.subject,
      place: placeOfPool(pool),
      summary: `Pool ${pool.name} on ${pool.host.name} was built with less redundancy than is asked for: ${names.slice(0, 3).join(', ')}${more}.`,
      evidence: bare.slice(0, 3).flatMap((margin) => evidenceOf(pool, margin)),
      endangers: '',
      remedy: `Nothing has failed. \`zpool attach ${pool.name} DISK NEW\` makes a mirror of a single disk; \`checks.redundancy.atLeast: 0\` in the fleet file says that it is meant so.`,
    },
  ]
}

function evidenceOf(pool: PoolOnHost, { vdev, left, out, builtFor, isCertain }: Margin) {
  return statusEvidence(pool, {
    [`disks that ${vdev.name} can still lose`]: leftText({ left, isCertain }),
    [`disks that ${vdev.name} was built to lose`]: builtFor,
    [`parts of ${vdev.name} that are out or behind`]: out,
    [`state of ${vdev.name}`]: vdev.state,
  })
}
