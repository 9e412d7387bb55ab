import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../lab/faults.ts'
import type { Finding } from '../../src/domain/health/finding.ts'
import type { Fault, FaultTarget } from '../../lab/faults/fault.ts'
import { gating, has, lab, openLabFleet } from './lab.ts'

/** A real fault, what must be found, and within how many seconds after it is there: the probe's period and deadline. */
interface Case {
  title: string
  fault: Fault
  target: FaultTarget
  expects: { code: string; subject: RegExp }[]
  within: number
}

/** Periods of the probes (design: kstats 5 s, Cluster and Kubo 10 s, pool status 30 s, datasets 60 s) and a look that is slow under emulation. */
const within = { kstats: 5 + 5, daemons: 10 + 8, poolStatus: 30 + 15, datasets: 60 + 20 }

const inGuest = (guest: string): Case[] => {
  const at = (suffix: string) => new RegExp(`^${guest}${suffix}$`)
  return [
    {
      title: 'a disk pulled from a mirror',
      fault: faults.pullDisk,
      target: { guest, pool: 'hot-tier' },
      expects: [
        { code: 'POOL_DEGRADED', subject: at('/hot-tier') },
        // OpenZFS calls a disk that went away REMOVED or UNAVAIL, by who noticed first: udev or the next write.
        { code: 'DISK_(REMOVED|FAULTED)', subject: at('/hot-tier/.*hot-1.*') },
      ],
      within: within.poolStatus,
    },
    {
      title: 'bytes corrupted on one side of a mirror, then a scrub',
      fault: faults.corruptMirror,
      target: { guest },
      expects: [{ code: 'DISK_ERRORS', subject: at('/hot-tier/.*hot-1.*') }],
      within: within.poolStatus,
    },
    {
      title: 'a store filled past 80 %',
      fault: faults.fillStore,
      target: { guest, pool: 'cold-tier', share: 0.83 },
      expects: [{ code: 'POOL_NEARLY_FULL', subject: at('/cold-tier') }],
      within: within.datasets,
    },
    {
      title: 'a store filled past 90 %',
      fault: faults.fillStore,
      target: { guest, pool: 'cold-tier', share: 0.93 },
      expects: [{ code: 'POOL_NEARLY_FULL', subject: at('/cold-tier') }],
      within: within.datasets,
    },
    {
      title: 'the executor absent',
      fault: faults.removeExecutor,
      target: { guest },
      expects: [{ code: 'PROBE_NOT_PERMITTED', subject: at('') }],
      within: within.poolStatus,
    },
    {
      title: 'the agent killed',
      fault: faults.killAgent,
      target: { guest },
      expects: [{ code: 'AGENT_UNREACHABLE', subject: at('') }],
      within: within.daemons,
    },
  ]
}

const ofPeers: Case[] = [
  {
    title: 'Kubo killed',
    fault: faults.killKubo,
    target: { peer: 1 },
    expects: [{ code: 'KUBO_UNREACHABLE', subject: /\/kubo$/ }],
    within: within.daemons,
  },
  {
    title: 'a Cluster peer killed',
    fault: faults.killCluster,
    target: { peer: 2 },
    expects: [
      { code: 'CLUSTER_UNREACHABLE', subject: /\/peer$/ },
      // A dead CRDT peer vanishes from the others' lists when its last ping has run out.
      { code: 'PEER_MISSING', subject: /./ },
    ],
    within: within.daemons + 40,
  },
]

const cases = [...ofPeers, ...gating.flatMap(inGuest)]

const matches =
  ({ code, subject }: Case['expects'][number]) =>
  (found: readonly Finding[]): boolean =>
    found.some((one) => new RegExp(`^${code}$`).test(one.code) && subject.test(one.subject) && one.severity !== 'ok')

describe('real faults', () => {
  let fleet: Awaited<ReturnType<typeof openLabFleet>>
  beforeAll(async () => {
    fleet = await openLabFleet()
  })
  afterAll(() => fleet?.close())

  test.each(cases.map((one) => ({ ...one, where: one.target.guest ?? `peer ${one.target.peer}` })))(
    '$where: $title is named, and is gone when mended',
    async ({ title, fault, target, expects, within: limit }) => {
      await fleet.until(`${title}: before`, (found) => !expects.some((one) => matches(one)(found)), 90)
      try {
        await fault.break(lab, target)
        const { found: named, took } = await fleet.until(
          title,
          (found) => expects.every((one) => matches(one)(found)),
          limit,
        )
        expect(named).not.toEqual([])
        console.log(`found after ${took.toFixed(1)} s: ${title} (${JSON.stringify(target)})`)
      } finally {
        await fault.mend(lab, target)
      }
      await fleet.until(`${title}: mended`, (found) => !expects.some((one) => matches(one)(found)), 120)
    },
    400_000,
  )

  test('a pin that cannot be fetched is named after the Cluster’s pin_timeout', async () => {
    const target = { peer: 0 }
    try {
      await faults.pinUnfetchable.break(lab, target)
      const limit = lab.state.pinTimeoutMs / 1000 + 10 + 10
      const { found, took } = await fleet.until('pin error', (now) => has(now, 'PIN_ERRORS', /\/peer$/), limit)
      expect(JSON.stringify(found.find(({ code }) => code === 'PIN_ERRORS')?.evidence)).toContain('bafk')
      console.log(`found after ${took.toFixed(1)} s: a pin that cannot be fetched`)
    } finally {
      await faults.pinUnfetchable.mend(lab, target)
    }
    await fleet.until('pin error mended', (now) => !has(now, 'PIN_ERRORS', /\/peer$/), 60)
  }, 200_000)
})
