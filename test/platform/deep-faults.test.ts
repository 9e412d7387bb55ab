import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../lab/faults.ts'
import { damagedBlock } from '../../lab/faults/data-faults.ts'
import type { Fault, FaultTarget } from '../../lab/faults/fault.ts'
import { mustInGuest } from '../../lab/ssh.ts'
import type { Finding } from '../../src/domain/health/finding.ts'
import { gating, has, lab, openLabFleet } from './lab.ts'

/** Seconds until a fault must be named: period and deadline of the probe that sees it, and 10 for our own looking. */
const within = { machine: 10 + 5 + 10, poolStatus: 30 + 20 + 10, datasets: 60 + 30 + 10 }

let fleet: Awaited<ReturnType<typeof openLabFleet>>
beforeAll(async () => {
  fleet = await openLabFleet()
})
afterAll(() => fleet?.close())

/** Makes faults, looks until `wanted`, mends them in the other order, looks until that is gone; gives what was found. */
async function through(
  where: string,
  made: readonly { fault: Fault; target: FaultTarget }[],
  wanted: (found: readonly Finding[]) => boolean,
  limit: number,
): Promise<Finding[]> {
  const done: (typeof made)[number][] = []
  let result: { found: Finding[]; took: number }
  try {
    for (const one of made) {
      done.unshift(one)
      await one.fault.break(lab, one.target)
    }
    result = await fleet.until(where, wanted, limit)
    console.log(`found after ${result.took.toFixed(1)} s: ${where}`)
  } finally {
    for (const { fault, target } of done) await fault.mend(lab, target)
  }
  await fleet.until(`${where}: mended`, (found) => !wanted(found), 200)
  return result.found
}

const at = (guest: string, suffix = '') => new RegExp(`^${guest}${suffix}$`)

const overdueStory =
  (guest: string, words: RegExp) =>
  (now: readonly Finding[]): boolean =>
    now.some(
      ({ code, subject, summary }) =>
        code === 'SCRUB_OVERDUE' && subject === `${guest}/cold-tier` && words.test(summary),
    )

describe.each(gating)('on %s', (guest) => {
  test('bytes corrupted beyond repair: the file is named, and the block that it held', async () => {
    const found = await through(
      `${guest}: a block damaged beyond repair`,
      [{ fault: faults.damageBlock, target: { guest } }],
      (now) => has(now, 'POOL_DATA_ERRORS', at(guest, '/hot-tier')),
      within.poolStatus,
    )
    const text = JSON.stringify(found.find(({ code }) => code === 'POOL_DATA_ERRORS'))
    expect(text).toContain(damagedBlock)
    expect(text).toMatch(/bafk[a-z2-7]+/)
  }, 600_000)

  test('a disk pulled from a raidz2 while another has errors: what more may fail is told', async () => {
    const found = await through(
      `${guest}: a disk of a raidz2 away while another has errors`,
      [
        { fault: faults.raidzErrors, target: { guest } },
        { fault: faults.pullDisk, target: { guest, pool: 'cold-tier' } },
      ],
      (now) =>
        has(now, 'DISK_ERRORS', at(guest, '/cold-tier/.*cold-0.*')) &&
        has(now, 'DISK_(REMOVED|FAULTED)', at(guest, '/cold-tier/.*cold-3.*')) &&
        has(now, 'REDUNDANCY_LOW', at(guest, '/cold-tier.*')),
      within.poolStatus,
    )
    expect(has(found, 'POOL_DEGRADED', at(guest, '/cold-tier'))).toBe(true)
  }, 600_000)

  test('a spare takes over', async () => {
    expect(
      await through(
        `${guest}: a spare takes over`,
        [{ fault: faults.spareTakesOver, target: { guest } }],
        (now) => has(now, 'SPARE_IN_USE', at(guest, '/hot-tier.*')),
        within.poolStatus,
      ),
    ).not.toEqual([])
  }, 600_000)

  test('a dataset unmounted under a stopped Kubo', async () => {
    expect(
      await through(
        `${guest}: a dataset unmounted`,
        [{ fault: faults.unmountStore, target: { guest } }],
        (now) => has(now, 'DATASET_NOT_MOUNTED', at(guest, '/hot-tier/ipfs-cluster/kubo/blocks')),
        within.datasets,
      ),
    ).not.toEqual([])
  }, 600_000)

  test('a clock that is moved', async () => {
    expect(
      await through(
        `${guest}: a clock ten minutes ahead`,
        [{ fault: faults.moveClock, target: { guest } }],
        (now) => has(now, 'CLOCK_SKEW', at(guest)),
        within.machine,
      ),
    ).not.toEqual([])
  }, 300_000)

  test('a scrub that is overdue, running and paused reads so', async () => {
    const overdue = await openLabFleet({ scrubOverdueAfter: '1s' })
    try {
      await overdue.until(`${guest}: overdue`, overdueStory(guest, /last verified/), within.poolStatus)
      // The scan makes no progress: it is seen running, however small the pool.
      await mustInGuest(
        lab.state,
        lab.guest(guest),
        'echo 1 > /sys/module/zfs/parameters/zfs_scan_suspend_progress; zpool scrub cold-tier',
      )
      await overdue.until(`${guest}: running`, overdueStory(guest, /being scrubbed/), within.poolStatus)
      await mustInGuest(lab.state, lab.guest(guest), 'zpool scrub -p cold-tier')
      const paused = await overdue.until(`${guest}: paused`, overdueStory(guest, /paused/), within.poolStatus)
      expect(paused.found).not.toEqual([])
    } finally {
      await mustInGuest(
        lab.state,
        lab.guest(guest),
        'echo 0 > /sys/module/zfs/parameters/zfs_scan_suspend_progress; zpool scrub cold-tier; zpool wait -t scrub cold-tier',
      )
      await overdue.close()
    }
  }, 400_000)
})
