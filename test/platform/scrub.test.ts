import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LabController, startLabController } from '../../lab/controller.ts'
import { blockFile, toBase32 } from '../../lab/faults/block-file.ts'
import { blocks, damageBlock, doomBlock, writeDoomedBlock } from '../../lab/faults/data-faults.ts'
import { faults } from '../../lab/faults.ts'
import { cutPower } from '../../lab/power.ts'
import { waitFor } from '../../lab/processes.ts'
import { mustInGuest } from '../../lab/ssh.ts'
import { half } from './half.ts'
import { gating, lab, onEachGuest } from './lab.ts'

// The procedure as operators run it: command line, controller and agents are processes, OpenZFS is real.

/** Another tier on each: of one tier, only so many pools are scrubbed at once. */
const poolOf = (guest: string): string => ['cold-tier', 'warm-tier', 'hot-tier'][gating.indexOf(guest) % 3] ?? ''
/** Holds every scan where it is; a host that has booted knows nothing of it. */
const hold = 'echo 1 > /sys/module/zfs/parameters/zfs_scan_suspend_progress'
const letGo = 'echo 0 > /sys/module/zfs/parameters/zfs_scan_suspend_progress'

const shellOn = (guest: string) => (script: string) =>
  mustInGuest(lab.state, lab.guest(guest), script, { timeoutMs: 180_000 })

/** What a pool was told about scrubs, by its own history. */
async function historyOf(guest: string, name: string): Promise<string[]> {
  const said = await shellOn(guest)(`zpool history ${name} | grep 'zpool scrub' || true`)
  return said
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^\S+ /, ''))
}

async function untilScan(guest: string, words: RegExp, withinSeconds: number): Promise<void> {
  const pool = poolOf(guest)
  for (const end = Date.now() + withinSeconds * 1000; ; await sleep(2000)) {
    const scan = (await shellOn(guest)(`zpool status ${pool} | grep 'scan:'`)).trim()
    if (words.test(scan)) return
    if (Date.now() > end) throw new Error(`${pool} on ${guest}, not ${words} after ${withinSeconds} s: ${scan}`)
  }
}

/** Asks the Cluster peer in a guest, without curl. */
const askPeer = (guest: string, method: string, path: string) =>
  shellOn(guest)(`exec 3<> /dev/tcp/127.0.0.1/9094
printf '${method} ${path} HTTP/1.0\\r\\nHost: localhost\\r\\nContent-Length: 0\\r\\n\\r\\n' >&3
cat <&3`)

async function pinned(guest: string, cid: string): Promise<void> {
  await askPeer(guest, 'POST', `/pins/${cid}?name=doomed`)
  const isPinned = await waitFor(
    async () => (await askPeer(guest, 'GET', `/pins/${cid}?local=true`)).includes('"pinned"'),
    60_000,
  )
  if (!isPinned) throw new Error(`${cid} is not pinned on ${guest}`)
}

const clock = (at: number): string => new Date(at).toISOString().slice(11, 16)

/** A window that is open now, closes for a minute, and opens again; whole minutes, in UTC. */
function windowWithGap(): Record<string, string> {
  const minute = 60_000
  const closes = (Math.floor(Date.now() / minute) + 2) * minute
  return { name: 'gap', from: clock(closes + minute), to: clock(closes) }
}

let controller: LabController
beforeAll(async () => {
  const settled = 'for pool in hot-tier warm-tier cold-tier; do zpool wait -t scrub,resilver $pool; done'
  await Promise.all(gating.map(async (guest) => shellOn(guest)(`${letGo}\n${settled}`)))
  controller = await startLabController(lab, gating)
})
afterAll(async () => {
  await Promise.all(gating.map(async (guest) => shellOn(guest)(letGo)))
  await controller?.close()
})

half('the scrub of a pool', () => {
  onEachGuest('the scrub of a pool', (guest) => {
    test('is refused on a suspended pool, and nothing is run', async () => {
      const before = await historyOf(guest, 'warm-tier')
      await faults.suspendPool.break(lab, { guest })
      try {
        const planned = controller.tiercel('plan', 'scrub-pool', '--host', guest, '--pool', 'warm-tier')
        expect(planned.stdout + planned.stderr).toContain('SUSPENDED')
        expect(planned.status).not.toBe(0)
        const run = controller.tiercel('run', 'scrub-pool', '--host', guest, '--pool', 'warm-tier', '--yes', '--detach')
        expect(run.stdout + run.stderr).toContain('SUSPENDED')
        expect(run.status).toBe(1)
        expect(await shellOn(guest)("ps -eo args | grep -c '[z]pool scrub' || true")).toBe('0\n')
      } finally {
        await faults.suspendPool.mend(lab, { guest })
      }
      // Those of the mend: a suspended pool cannot be asked for its history.
      const ofMend = ['zpool scrub warm-tier', 'zpool scrub warm-tier']
      expect(await historyOf(guest, 'warm-tier')).toEqual([...before, ...ofMend])
    })

    test('finds what is beyond repair, and names file, block and pin', async () => {
      // Another one each time: Kubo remembers which blocks it has not.
      const block = `b${toBase32([0x01, 0x55, 0x12, 0x20, ...randomBytes(32)])}`
      const path = `${blocks}/${blockFile(block)}`
      const hasPair = lab.guest(guest).pair !== undefined
      const marker = await writeDoomedBlock(lab, { guest }, path)
      try {
        if (hasPair) await pinned(guest, block)
        controller.tiercel('pins', 'refresh', '--now')
        await doomBlock(lab, { guest }, marker)
        const run = controller.begin('scrub-pool', '--host', guest, '--pool', 'hot-tier')
        const shown = JSON.stringify(await controller.until(run, ['succeeded'], 300))
        const words = [path, block, 'beyond repair', ...(hasPair ? [`1 pin endangered: ${block}`] : [])]
        for (const word of words) expect(shown).toContain(word)
        console.log(`${guest}: ${/[^"]* was read to its end: [^"]*/.exec(shown)?.[0] ?? ''}`)
      } finally {
        if (hasPair) await askPeer(guest, 'DELETE', `/pins/${block}`)
        await shellOn(guest)(`rm -f ${path}`)
        await damageBlock.mend(lab, { guest })
      }
    })
  })
})

half('the scrub through a window and a power cut', () => {
  // Side by side: most of it is waiting, for the window and for the boot.
  test(
    `pauses outside of its window, goes on, and outlives a power cut in the middle, on ${gating.join(' and ')}`,
    { timeout: 1_200_000 },
    async () => {
      await controller.restart('SIGTERM', { windows: [windowWithGap()], procedures: { scrub: { window: 'gap' } } })
      const each = await Promise.allSettled(
        gating.map(async (guest) => {
          const pool = poolOf(guest)
          await shellOn(guest)(hold)
          const before = await historyOf(guest, pool)
          const run = controller.begin('scrub-pool', '--host', guest, '--pool', pool)
          await untilScan(guest, /scrub in progress/, 90)
          await untilScan(guest, /scrub paused/, 180)
          await controller.until(run, ['paused', 'waiting', 'running'], 30)
          await untilScan(guest, /scrub in progress/, 180)
          await cutPower(lab, guest)
          const shown = await controller.until(run, ['succeeded'], 420)
          expect(JSON.stringify(shown)).toContain('was read to its end, and all of it is whole')
          // Once begun, once paused, once gone on with. The last is no line of the history where to the kernel a resume ends with
          // ECANCELED (2.1.11 and 2.3.2); on 2.4.4 it is one. What the cut interrupted went on by itself.
          const since = (await historyOf(guest, pool)).slice(before.length)
          const tellsResume = !/^zfs-2\.[0-3]\./.test(await shellOn(guest)('zpool version'))
          const resumed = tellsResume ? [`zpool scrub ${pool}`] : []
          expect(since).toEqual([`zpool scrub ${pool}`, `zpool scrub -p ${pool}`, ...resumed])
        }),
      )
      // Where one fails, the power of the others was cut all the same: they are up again before the next test begins.
      expect(each.filter(({ status }) => status === 'rejected')).toEqual([])
      expect(controller.tiercel('locks', '--json').stdout.trim()).toBe('[]')
    },
  )
})
