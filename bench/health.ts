import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { startAgent, tiercel } from './agent.ts'
import { type Benchmark, mebibytes, ratioText, secondsText } from './benchmark.ts'
import { load, multiaddress } from './inventory.ts'
import { startLoadedPeers } from './loaded-peer.ts'
import { measure, median, memoryOf } from './measure.ts'

/** Statuses of `tiercel health`: it does not fail because something is wrong. */
const anyHealth = [0, 1, 2, 3]

/** What an operator waits for in the morning. */
export const health: Benchmark = {
  name: 'health',
  title: "`tiercel health` of a real peer against the runbook's own script",
  async run({ pins, say }) {
    const loaded = await startLoadedPeers(load(pins), say)
    const [peer] = loaded.peers
    if (peer?.cluster === undefined) throw new Error('the peer does not run')
    const agent = await startAgent('n1', [peer])
    const programs = mkdtempSync(join(tmpdir(), 'tiercel-bench-ctl-'))
    try {
      const refreshed = await measure(tiercel('pins', 'refresh', '--now', '--fleet', agent.fleetFile))
      say(`pin index read in ${secondsText(refreshed.took)}`)
      const before = memoryOf(peer.cluster.pid)
      const ours = await median(5, () =>
        measure(tiercel('health', '--json', '--fleet', agent.fleetFile), { keep: true, accept: anyHealth }),
      )
      if (!ours.stdout.includes(`"observed"`)) throw new Error(`health said nothing: ${ours.stdout.slice(0, 500)}`)
      const between = memoryOf(peer.cluster.pid)
      // The script takes the usual address for granted; this peer has another.
      const ctl = join(programs, 'ipfs-cluster-ctl')
      writeFileSync(
        ctl,
        `#!/bin/sh\nexec '${loaded.programs.cluster}/ipfs-cluster-ctl' --host ${multiaddress(peer.clusterApi)} "$@"\n`,
      )
      chmodSync(ctl, 0o755)
      const theirs = await measure(['bash', join(import.meta.dirname, 'runbook/health.sh')], {
        env: { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` },
        keep: true,
      })
      say(theirs.stdout.trim().split('\n').slice(0, 4).join(' · '))
      const after = memoryOf(peer.cluster.pid)
      const observer = memoryOf(agent.pid)
      return {
        header: [`${pins.toLocaleString('en')} pins`, 'time', 'against the script', 'memory of the peer meanwhile'],
        rows: [
          [
            "the runbook's script",
            secondsText(theirs.took),
            '1 ×',
            `${mebibytes(between.now)} → ${mebibytes(after.highest)}`,
          ],
          [
            '`tiercel health` (middle of 5)',
            secondsText(ours.took),
            `${ratioText(theirs.took / ours.took)} faster`,
            `${mebibytes(before.now)} → ${mebibytes(between.now)}`,
          ],
          ['the agent itself', '', '', `${mebibytes(observer.now)}, at most ${mebibytes(observer.highest)}`],
        ],
      }
    } finally {
      rmSync(programs, { recursive: true })
      await agent.stop()
      await loaded.stop()
    }
  },
}
