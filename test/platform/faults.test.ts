import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../lab/faults.ts'
import type { Finding, Severity } from '../../src/domain/health/finding.ts'
import type { Fault, FaultTarget } from '../../lab/faults/fault.ts'
import { half } from './half.ts'
import { gating, has, lab, openLabFleet, sideBySide } from './lab.ts'

/** A real fault, what must be found, and within how many seconds after it is there: the probe's period and deadline. */
interface Case {
  title: string
  fault: Fault
  target: FaultTarget
  expects: { code: string; subject: RegExp; severity?: Severity }[]
  within: number
  /** What the same fault grows to, and what must be found of that as fast. */
  grows?: Pick<Case, 'target' | 'expects'>
}

/** Seconds: the probe's period, the deadline within which a look ends, and 10 for our own looking, all slow under emulation. */
const within = { daemons: 10 + 8 + 10, poolStatus: 30 + 20 + 10, datasets: 60 + 30 + 10 }

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
      title: 'a store filled past 80 %, then past 90 %',
      fault: faults.fillStore,
      target: { guest, pool: 'cold-tier', share: 0.83 },
      expects: [{ code: 'POOL_NEARLY_FULL', subject: at('/cold-tier'), severity: 'warning' }],
      within: within.datasets,
      grows: {
        target: { guest, pool: 'cold-tier', share: 0.93 },
        expects: [{ code: 'POOL_NEARLY_FULL', subject: at('/cold-tier'), severity: 'critical' }],
      },
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
    expects: [{ code: 'KUBO_UNREACHABLE', subject: /^here\/peer1\/kubo$/ }],
    within: within.daemons,
  },
  {
    title: 'a Cluster peer killed',
    fault: faults.killCluster,
    target: { peer: 2 },
    expects: [
      { code: 'CLUSTER_UNREACHABLE', subject: /^here\/peer2\/peer$/ },
      // A dead CRDT peer vanishes from the others' lists when its last ping has run out.
      { code: 'PEER_MISSING', subject: /^here\/peer2\/peer$/ },
    ],
    within: within.daemons + 40,
  },
]

const matches =
  ({ code, subject, severity }: Case['expects'][number]) =>
  (found: readonly Finding[]): boolean =>
    found.some(
      (one) =>
        new RegExp(`^${code}$`).test(one.code) &&
        subject.test(one.subject) &&
        (severity === undefined ? one.severity !== 'ok' : one.severity === severity),
    )

describe('real faults', () => {
  let fleet: Awaited<ReturnType<typeof openLabFleet>>
  beforeAll(async () => {
    fleet = await openLabFleet()
  })
  afterAll(() => fleet?.close())

  /** Makes one fault, waits until it is named, mends it, waits until it is gone; gives the seconds until it was named. */
  const run = async ({ title, fault, target, expects, within: limit, grows }: Case): Promise<number> => {
    const where = `${target.guest ?? `peer ${target.peer}`}: ${title}`
    const stages = [{ target, expects }, ...(grows === undefined ? [] : [grows])]
    const isGone = (found: readonly Finding[]) =>
      !stages.some((stage) => stage.expects.some((one) => matches(one)(found)))
    await fleet.until(`${where}: before`, isGone, 90)
    const times: number[] = []
    try {
      for (const stage of stages) {
        await fault.break(lab, stage.target)
        const isNamed = (found: readonly Finding[]) => stage.expects.every((one) => matches(one)(found))
        times.push((await fleet.until(where, isNamed, limit)).took)
      }
      console.log(`found after ${times.map((took) => `${took.toFixed(1)} s`).join(', then ')}: ${where}`)
    } finally {
      await fault.mend(lab, target)
    }
    await fleet.until(`${where}: mended`, isGone, 150)
    return Math.max(...times)
  }

  sideBySide('of peers', () => {
    half('faults of peers', () => {
      test.each(ofPeers)(
        '$title: named, and gone when mended',
        async (one) => {
          expect(await run(one)).toBeLessThanOrEqual(one.within)
        },
        400_000,
      )

      test('a pin that cannot be fetched is named after the Cluster’s pin_timeout', async () => {
        const target = { peer: 0 }
        try {
          await faults.pinUnfetchable.break(lab, target)
          const limit = lab.state.pinTimeoutMs / 1000 + 10 + 10
          const { found, took } = await fleet.until(
            'pin error',
            (now) => has(now, 'PIN_ERRORS', /^here\/peer0\/peer$/),
            limit,
          )
          expect(JSON.stringify(found.find(({ code }) => code === 'PIN_ERRORS')?.evidence)).toContain('bafk')
          console.log(`found after ${took.toFixed(1)} s: a pin that cannot be fetched`)
        } finally {
          await faults.pinUnfetchable.mend(lab, target)
        }
        await fleet.until('pin error mended', (now) => !has(now, 'PIN_ERRORS', /^here\/peer0\/peer$/), 60)
      }, 200_000)
    })
  })

  sideBySide('of guests', () => {
    // All guests at once: most of the time is waiting for the next look of a probe.
    const [first = []] = gating.map(inGuest)
    test.each(first.map(({ title }, index) => ({ title, index })))(
      `$title: named, and gone when mended, on ${gating.join(' and ')}`,
      async ({ index }) => {
        const cases = gating.flatMap((guest) => inGuest(guest).slice(index, index + 1))
        const times = await Promise.all(cases.map(run))
        expect(times).toHaveLength(gating.length)
      },
      400_000,
    )
  })
})
