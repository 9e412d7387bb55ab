import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { fleetOf, startAgent, tiercel } from '../bench/agent.ts'
import { countingSocket } from '../bench/counting-socket.ts'
import { identityCid } from '../bench/identity-cid.ts'
import { startLoadedPeers } from '../bench/loaded-peer.ts'
import { measure } from '../bench/measure.ts'
import { claim, type Proof } from './proof.ts'

const peerCount = 3
const wholePins = 100_000
/** Not a tenth of them in CI: the claim is about exactly so many. */
const different = 100
const mostBytes = 2 * 1024 * 1024

/** What `tiercel pins --diverged --json` says, as far as this proof reads it. */
const Answer = z.array(z.object({ comparison: z.object({ divergences: z.array(z.object({ cid: z.string() })) }) }))

/** Three real peers whose pinsets differ in 100 pins: exactly those are shown, with both sides. */
export const diverged: Proof = {
  name: 'diverged',
  title: `three real peers, ${wholePins.toLocaleString('en')} pins, ${different} of them changed by hand: exactly those are shown`,
  async run({ share, seed, say }) {
    const pins = Math.round(wholePins * share)
    const changed = chosen(pins, seed)
    const loaded = await startLoadedPeers(
      {
        pins,
        peers: peerCount,
        held: false,
        called: `diverged-${seed}`,
        // In turn: missing on the second peer, missing on the third, another name on the third.
        nameOf(index, peer) {
          const kind = changed.get(index)
          if (kind === 0 && peer === 1) return undefined
          if (kind === 1 && peer === 2) return undefined
          return kind === 2 && peer === 2 ? `renamed-${index}` : `pin-${index}`
        },
      },
      say,
    )
    const agents = await Promise.all(loaded.peers.map((peer, index) => startAgent(`n${index + 1}`, [peer])))
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-proof-'))
    const sockets = await Promise.all(
      agents.map(({ host }, index) =>
        countingSocket(join(folder, `n${index + 1}.sock`), host.address.slice('unix:'.length)),
      ),
    )
    try {
      const fleetFile = join(folder, 'tiercel.yaml')
      const hosts = agents.map(({ host }, index) => ({ ...host, address: `unix:${sockets[index]?.path}` }))
      writeFileSync(fleetFile, fleetOf(hosts))
      const refreshed = await measure(tiercel('pins', 'refresh', '--now', '--fleet', fleetFile))
      const before = sockets.reduce((sum, socket) => sum + socket.received(), 0)
      const asked = await measure(tiercel('pins', '--diverged', '--json', '--fleet', fleetFile), {
        keep: true,
        accept: [0, 1, 2, 3],
      })
      const bytes = sockets.reduce((sum, socket) => sum + socket.received(), 0) - before
      const answer = Answer.parse(JSON.parse(asked.stdout))
      const shown = new Set(answer.flatMap(({ comparison }) => comparison.divergences.map(({ cid }) => cid)))
      const wanted = new Set([...changed.keys()].map(identityCid))
      claim(shown.size === different, `${shown.size} pins are shown as diverged, not ${different}`)
      claim(wanted.isSubsetOf(shown), 'a pin that was changed is not shown')
      claim(bytes <= mostBytes, `${bytes} bytes came to the asker, more than ${mostBytes}`)
      return {
        pins,
        'shown as diverged': shown.size,
        'bytes to the asker': bytes,
        'refresh of three indexes': `${(refreshed.took / 1000).toFixed(1)} s`,
        'the question': `${(asked.took / 1000).toFixed(1)} s`,
      }
    } finally {
      for (const socket of sockets) socket.close()
      await Promise.all(agents.map((agent) => agent.stop()))
      await loaded.stop('forget')
      rmSync(folder, { recursive: true })
    }
  },
}

/** Which pins are changed, and how: 0, 1 or 2. */
function chosen(pins: number, seed: number): Map<number, number> {
  const result = new Map<number, number>()
  // A walk by a step that shares no factor with the count meets each index once.
  let index = seed % pins
  while (result.size < different) {
    result.set(index, result.size % 3)
    index = (index + 7919) % pins
  }
  return result
}
