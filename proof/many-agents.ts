import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import { z } from 'zod'
import { tiercel } from '../bench/agent.ts'
import { measure } from '../bench/measure.ts'
import { simFleet } from '../src/sim/sim-fleet.ts'
import { claim, type Proof } from './proof.ts'
import { type ServedClusters, worldOf } from './served-clusters.ts'

const wholeHosts = 180
const hostsInCluster = 10
const hanging = 10
const processes = 2
const pinsInCluster = 300
const runs = 5
const mostMs = 2000

/** What `tiercel health --json` says, as far as this proof reads it. */
const Answer = z.object({
  findings: z.array(z.object({ code: z.string(), subject: z.string(), severity: z.string() })),
})

/** The agents of many simulated hosts, each on its socket, ten of which take the question and never answer. */
export const manyAgents: Proof = {
  name: 'many-agents',
  title: `${wholeHosts} simulated agents on sockets, ${hanging} more that hang: tiercel health answers in ${mostMs / 1000} s`,
  async run({ share, seed, say }) {
    const clusters = Math.max(2, Math.round((wholeHosts * share) / hostsInCluster))
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-many-'))
    const served = Array.from({ length: clusters }, (_, index) => ({
      name: `c${index + 1}`,
      seed: seed + index,
      hosts: Array.from({ length: hostsInCluster }, (__, host) => `c${index + 1}-n${host + 1}`),
      pins: pinsInCluster,
    }))
    const children: ChildProcess[] = []
    const silent: Server[] = []
    try {
      for (let part = 0; part < processes; part += 1) {
        const mine = served.filter((_, index) => index % processes === part)
        children.push(await startAgents({ folder, token, clusters: mine }))
      }
      const hung = Array.from({ length: hanging }, (_, index) => `hung-${index + 1}`)
      for (const name of hung) silent.push(await listenInSilence(join(folder, `${name}.sock`)))
      const fleetFile = join(folder, 'tiercel.yaml')
      writeFileSync(join(folder, 'token'), token, { mode: 0o600 })
      writeFileSync(fleetFile, fleetText(folder, served, hung))
      say(
        `${clusters * hostsInCluster} agents in ${processes} processes answer, ${hanging} take questions and are silent`,
      )
      const took: number[] = []
      let answer: z.infer<typeof Answer> = { findings: [] }
      for (let run = 0; run < runs; run += 1) {
        const command = tiercel('health', '--json', '--fleet', fleetFile)
        const measured = await measure(command, { keep: true, accept: [0, 1, 2, 3] })
        took.push(measured.took)
        answer = Answer.parse(JSON.parse(measured.stdout))
      }
      const unreachable = answer.findings
        .filter(({ code }) => code === 'AGENT_UNREACHABLE')
        .map(({ subject }) => subject)
      claim(
        unreachable.toSorted().join() === hung.toSorted().join(),
        `exactly the silent ones are told as unreachable, not: ${unreachable.join(', ')}`,
      )
      const sorted = took.toSorted((a, b) => a - b)
      const median = sorted[Math.floor(runs / 2)] ?? Number.POSITIVE_INFINITY
      claim(median <= mostMs, `the median of ${runs} runs is ${Math.round(median)} ms, more than ${mostMs} ms`)
      return {
        hosts: clusters * hostsInCluster + hanging,
        'health, median': `${Math.round(median)} ms`,
        'health, slowest': `${Math.round(sorted.at(-1) ?? 0)} ms`,
        'findings that are not ok': tally(answer.findings.filter(({ severity }) => severity !== 'ok')),
      }
    } finally {
      for (const child of children) child.kill('SIGKILL')
      for (const server of silent) server.close()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const token = 'proof-token-of-this-run'

/** Starts a process that serves these; it listens on every socket when this returns. */
async function startAgents(served: ServedClusters): Promise<ChildProcess> {
  const program = join(import.meta.dirname, 'simulated-agents.ts')
  const child = spawn(process.execPath, [program, JSON.stringify(served)], { stdio: ['pipe', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) if (line === 'ready') return child
  throw new Error('the simulated agents did not start')
}

/** Takes every connection, and never says a word. */
async function listenInSilence(path: string): Promise<Server> {
  const server = createServer((connection) => {
    connection.on('error', () => connection.destroy())
    connection.resume()
    connection.unref()
  })
  server.listen(path)
  await once(server, 'listening')
  server.unref()
  return server
}

function fleetText(folder: string, served: ServedClusters['clusters'], hung: readonly string[]): string {
  const address = (name: string) => ({
    address: `unix:${join(folder, `${name}.sock`)}`,
    token: { file: join(folder, 'token') },
  })
  const fleets = served.map((cluster) => simFleet(worldOf(cluster, Date.now())))
  return stringify({
    apiVersion: 1,
    clusters: served.map(({ name }) => ({ name })),
    tiers: ['hot', 'warm', 'cold'].map((name) => ({ name })),
    hosts: [
      ...fleets.flatMap(({ hosts }) => hosts.map(({ name, stores }) => ({ name, ...address(name), stores }))),
      ...hung.map((name) => ({ name, ...address(name), stores: [] })),
    ],
  })
}

/** `2 POOL_DEGRADED, 1 PIN_ERRORS`. */
function tally(findings: readonly { code: string }[]): string {
  const counts = Map.groupBy(findings, ({ code }) => code)
  return [...counts].map(([code, found]) => `${found.length} ${code}`).join(', ')
}
