import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomBytes } from 'node:crypto'
import { blocks, damageBlock, doomBlock, writeDoomedBlock } from '../../lab/faults/data-faults.ts'
import { faults } from '../../lab/faults.ts'
import { waitFor } from '../../lab/processes.ts'
import { cutPower } from '../../lab/power.ts'
import { mustInGuest } from '../../lab/ssh.ts'
import { blockFile, toBase32 } from '../../lab/faults/block-file.ts'
import { gating, lab } from './lab.ts'
import { type LabController, startLabController } from '../../lab/controller.ts'

const pool = 'cold-tier'
/** Holds every scan where it is; a host that has booted knows nothing of it. */
const hold = 'echo 1 > /sys/module/zfs/parameters/zfs_scan_suspend_progress'
const letGo = 'echo 0 > /sys/module/zfs/parameters/zfs_scan_suspend_progress'

const clock = (at: number): string => new Date(at).toISOString().slice(11, 16)

/** A window that is open now, closes for two minutes, and opens again; whole minutes, in UTC. */
function windowWithGap(): Record<string, string> {
  const minute = 60_000
  const closes = (Math.floor(Date.now() / minute) + 2) * minute
  return { name: 'gap', from: clock(closes + 2 * minute), to: clock(closes) }
}

// The procedure as operators run it: command line, controller and agents are processes, OpenZFS is real.
describe.each(gating)('the scrub of a pool on %s', { timeout: 1_200_000 }, (guest) => {
  let controller: LabController
  const shell = (script: string) => mustInGuest(lab.state, lab.guest(guest), script, { timeoutMs: 180_000 })
  const scanOf = async (name: string) => (await shell(`zpool status ${name} | grep 'scan:'`)).trim()
  const history = async (name: string): Promise<string[]> =>
    (await shell(`zpool history ${name} | grep 'zpool scrub' || true`))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^\S+ /, ''))
  const untilScan = async (words: RegExp, withinSeconds: number) => {
    for (const end = Date.now() + withinSeconds * 1000; ;) {
      const scan = await scanOf(pool)
      if (words.test(scan)) return
      if (Date.now() > end) throw new Error(`${pool} on ${guest}, not ${words} after ${withinSeconds} s: ${scan}`)
      await new Promise((resolve) => {
        setTimeout(resolve, 2000)
      })
    }
  }

  /** Asks the Cluster peer in the guest, without curl. */
  const askPeer = (method: string, path: string) =>
    shell(`exec 3<> /dev/tcp/127.0.0.1/9094
printf '${method} ${path} HTTP/1.0\\r\\nHost: localhost\\r\\nContent-Length: 0\\r\\n\\r\\n' >&3
cat <&3`)
  const pinned = async (cid: string): Promise<void> => {
    await askPeer('POST', `/pins/${cid}?name=doomed`)
    const isPinned = await waitFor(
      async () => (await askPeer('GET', `/pins/${cid}?local=true`)).includes('"pinned"'),
      60_000,
    )
    if (!isPinned) throw new Error(`${cid} is not pinned on ${guest}`)
  }

  beforeAll(async () => {
    await shell(`${letGo}\nfor pool in hot-tier warm-tier cold-tier; do zpool wait -t scrub,resilver $pool; done`)
    controller = await startLabController(lab, [guest])
  })
  afterAll(async () => {
    await shell(letGo)
    await controller?.close()
  })

  test('is refused on a suspended pool, and nothing is run', async () => {
    const before = await history('warm-tier')
    await faults.suspendPool.break(lab, { guest })
    try {
      const planned = controller.tiercel('plan', 'scrub-pool', '--host', guest, '--pool', 'warm-tier')
      expect(planned.stdout + planned.stderr).toContain('SUSPENDED')
      expect(planned.status).not.toBe(0)
      const run = controller.tiercel('run', 'scrub-pool', '--host', guest, '--pool', 'warm-tier', '--yes', '--detach')
      expect(run.stdout + run.stderr).toContain('SUSPENDED')
      expect(run.status).toBe(1)
      expect(await shell("ps -eo args | grep -c '[z]pool scrub' || true")).toBe('0\n')
    } finally {
      await faults.suspendPool.mend(lab, { guest })
    }
    expect(await history('warm-tier')).toEqual(before)
  })

  test('finds what is beyond repair, and names file, block and pin', async () => {
    // Another one each time: Kubo remembers which blocks it has not.
    const block = `b${toBase32([0x01, 0x55, 0x12, 0x20, ...randomBytes(32)])}`
    const path = `${blocks}/${blockFile(block)}`
    const hasPair = lab.guest(guest).pair !== undefined
    const marker = await writeDoomedBlock(lab, { guest }, path)
    try {
      if (hasPair) await pinned(block)
      controller.tiercel('pins', 'refresh', '--now')
      await doomBlock(lab, { guest }, marker)
      const run = controller.begin('scrub-pool', '--host', guest, '--pool', 'hot-tier')
      const shown = JSON.stringify(await controller.until(run, ['succeeded'], 300))
      const words = [path, block, 'beyond repair', ...(hasPair ? [`1 pin endangered: ${block}`] : [])]
      for (const word of words) expect(shown).toContain(word)
      console.log(`${guest}: ${/[^"]* was read to its end: [^"]*/.exec(shown)?.[0] ?? ''}`)
    } finally {
      if (hasPair) await askPeer('DELETE', `/pins/${block}`)
      await shell(`rm -f ${path}`)
      await damageBlock.mend(lab, { guest })
    }
  })

  test('pauses outside of its window, goes on, and outlives a power cut in the middle', async () => {
    await shell(hold)
    const before = await history(pool)
    await controller.restart('SIGTERM', { windows: [windowWithGap()], procedures: { scrub: { window: 'gap' } } })
    const run = controller.begin('scrub-pool', '--host', guest, '--pool', pool)
    await untilScan(/scrub in progress/, 90)
    await untilScan(/scrub paused/, 180)
    await controller.until(run, ['paused'], 30)
    await untilScan(/scrub in progress/, 180)
    await cutPower(lab, guest)
    const shown = await controller.until(run, ['succeeded'], 420)
    expect(JSON.stringify(shown)).toContain('was read to its end, and all of it is whole')
    // Once begun, once paused. That it was gone on with is no line of the history: to the kernel, a resume ends with ECANCELED
    // (2.1.11 and 2.3.2). What the cut interrupted went on by itself.
    expect((await history(pool)).slice(before.length)).toEqual([`zpool scrub ${pool}`, `zpool scrub -p ${pool}`])
    expect(controller.tiercel('locks', '--json').stdout.trim()).toBe('[]')
  })
})
