import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { damagedBlock } from '../../lab/faults/data-faults.ts'
import type { Fault } from '../../lab/faults/fault.ts'
import { faults } from '../../lab/faults.ts'
import { mustInGuest } from '../../lab/ssh.ts'
import type { Finding } from '../../src/domain/health/finding.ts'
import { half } from './half.ts'
import { gating, has, lab, openLabFleet } from './lab.ts'

/** Seconds until a fault must be named: period and deadline of the probe that sees it, and 10 for our own looking. */
const within = { machine: 10 + 5 + 10, poolStatus: 30 + 20 + 10, datasets: 60 + 30 + 10 }

let fleet: Awaited<ReturnType<typeof openLabFleet>>
beforeAll(async () => {
  fleet = await openLabFleet()
})
afterAll(() => fleet?.close())

const at = (guest: string, suffix = '') => new RegExp(`^${guest}${suffix}$`)

/** Faults of one guest, and what must be found while they are there. */
interface Trial {
  title: string
  made: readonly { fault: Fault; pool?: string }[]
  wanted: (guest: string) => (found: readonly Finding[]) => boolean
  limit: number
}

/** Makes faults, looks until they are named, mends them in the other order, looks until that is gone; gives what was found. */
async function through({ title, made, wanted, limit }: Trial, guest: string): Promise<Finding[]> {
  const where = `${guest}: ${title}`
  const isNamed = wanted(guest)
  const undo: (() => Promise<void>)[] = []
  let result: { found: Finding[]; took: number }
  try {
    for (const { fault, pool } of made) {
      const target = { guest, ...(pool === undefined ? {} : { pool }) }
      undo.unshift(() => fault.mend(lab, target))
      await fault.break(lab, target)
    }
    result = await fleet.until(where, isNamed, limit)
    console.log(`found after ${result.took.toFixed(1)} s: ${where}`)
  } finally {
    for (const mend of undo) await mend()
  }
  await fleet.until(`${where}: mended`, (found) => !isNamed(found), 200)
  return result.found
}

/** On all guests side by side: most of the time is waiting for the next look of a probe. */
const everywhere = (trial: Trial): Promise<Finding[][]> => Promise.all(gating.map((guest) => through(trial, guest)))

const inAll = (script: string) => Promise.all(gating.map((guest) => mustInGuest(lab.state, lab.guest(guest), script)))
const reads = (words: RegExp) => (now: readonly Finding[]) =>
  gating.every((guest) =>
    now.some(
      ({ code, subject, summary }) =>
        code === 'SCRUB_OVERDUE' && subject === `${guest}/cold-tier` && words.test(summary),
    ),
  )

describe(`on ${gating.join(' and ')}`, () => {
  half('a block beyond repair', () => {
    test('bytes corrupted beyond repair: the file is named, and the block that it held', async () => {
      const found = await everywhere({
        title: 'a block damaged beyond repair',
        made: [{ fault: faults.damageBlock }],
        wanted: (guest) => (now) => has(now, 'POOL_DATA_ERRORS', at(guest, '/hot-tier')),
        limit: within.poolStatus,
      })
      for (const [index, guest] of gating.entries()) {
        const one = found[index]?.find(({ code, subject }) => code === 'POOL_DATA_ERRORS' && subject.startsWith(guest))
        expect(JSON.stringify(one)).toContain(damagedBlock)
        expect(JSON.stringify(one)).toMatch(/bafk[a-z2-7]+/)
      }
    }, 600_000)
  })

  half('a raidz2 that lacks a disk and has errors', () => {
    test('a disk pulled from a raidz2 while another has errors: what more may fail is told', async () => {
      const found = await everywhere({
        title: 'a disk of a raidz2 away while another has errors',
        made: [{ fault: faults.raidzErrors }, { fault: faults.pullDisk, pool: 'cold-tier' }],
        wanted: (guest) => (now) =>
          has(now, 'DISK_ERRORS', at(guest, '/cold-tier/.*cold-0.*')) &&
          has(now, 'DISK_(REMOVED|FAULTED)', at(guest, '/cold-tier/.*cold-3.*')),
        limit: within.poolStatus,
      })
      for (const [index, guest] of gating.entries()) {
        const pool = found[index]?.find(({ code, subject }) => code === 'POOL_DEGRADED' && subject.startsWith(guest))
        expect(pool?.endangers).toContain('can lose 1 more disk')
      }
    }, 600_000)
  })

  half('a spare, an unmounted dataset, a clock that is ahead', () => {
    test.each<Trial>([
      {
        title: 'a spare takes over',
        made: [{ fault: faults.spareTakesOver }],
        wanted: (guest) => (now) => has(now, 'SPARE_IN_USE', at(guest, '/hot-tier.*')),
        limit: within.poolStatus,
      },
      {
        title: 'a dataset unmounted under a stopped Kubo',
        made: [{ fault: faults.unmountStore }],
        wanted: (guest) => (now) => has(now, 'DATASET_NOT_MOUNTED', at(guest, '/hot-tier/ipfs-cluster')),
        limit: within.datasets,
      },
      {
        title: 'a clock ten minutes ahead',
        made: [{ fault: faults.moveClock }],
        // A guest under emulation may be late by seconds; this is minutes.
        wanted: (guest) => (now) =>
          now.some(
            ({ code, subject, severity }) => code === 'CLOCK_SKEW' && subject === guest && severity === 'critical',
          ),
        limit: within.machine,
      },
    ])(
      '$title: named, and gone when mended',
      async (trial) => {
        expect(await everywhere(trial)).toHaveLength(gating.length)
      },
      600_000,
    )
  })

  half('scrubs as health tells them', () => {
    test('a scrub that is overdue, running and paused reads so', async () => {
      const overdue = await openLabFleet({ scrubOverdueAfter: '1s' })
      const progress = '/sys/module/zfs/parameters/zfs_scan_suspend_progress'
      try {
        await overdue.until('overdue', reads(/last verified/), within.poolStatus)
        // The scan makes no progress: it is seen running, however small the pool.
        await inAll(`echo 1 > ${progress}; zpool scrub cold-tier`)
        await overdue.until('running', reads(/being scrubbed/), within.poolStatus)
        await inAll('zpool scrub -p cold-tier')
        const { found } = await overdue.until('paused', reads(/paused/), within.poolStatus)
        expect(found).not.toEqual([])
      } finally {
        await inAll(`echo 0 > ${progress}; zpool scrub cold-tier; zpool wait -t scrub cold-tier`)
        await overdue.close()
      }
    }, 400_000)
  })
})
