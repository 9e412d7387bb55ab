import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import { z } from 'zod'
import { tiercel } from '../bench/agent.ts'
import { measure, middle } from '../bench/measure.ts'
import { waitFor } from '../lab/processes.ts'
import { simFleet } from '../src/sim/sim-fleet.ts'
import { claim, type Proof } from './proof.ts'
import { type ServedClusters, worldOf } from './served-clusters.ts'
import { type SshServer, startSshServer } from './ssh-server.ts'

const wholeOnSockets = 180
const wholeOverSsh = 20
const hostsInCluster = 10
const hanging = 10
const processes = 2
const pinsInCluster = 300
const runs = 5
const mostMs = 2000
/** All log in at once, and each starts a Node. */
const firstContactMs = 60_000

/** What `tiercel health --json` says, as far as this proof reads it. */
const Answer = z.object({
  findings: z.array(z.object({ code: z.string(), subject: z.string(), severity: z.string() })),
})
type Answer = z.infer<typeof Answer>

/** The agents of many simulated hosts, reached for real; ten of them take the question and never answer. */
export const manyAgents: Proof = {
  name: 'many-agents',
  title: `${wholeOverSsh} simulated agents over a real sshd, ${wholeOnSockets} on sockets, ${hanging} of all hang: tiercel health answers in ${mostMs / 1000} s`,
  async run({ share, seed, say }) {
    const clustersOf = (hosts: number): number => Math.max(1, Math.round((hosts * share) / hostsInCluster))
    const overSsh = clustersOf(wholeOverSsh)
    const clusters = overSsh + clustersOf(wholeOnSockets)
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-many-'))
    // Spread over the clusters, so that some hang behind the sshd too.
    const hung = Array.from(
      { length: hanging },
      (_, index) => hostsOf(index % clusters).at(-1 - Math.floor(index / clusters)) ?? '',
    )
    const served = Array.from({ length: clusters }, (_, index) => ({
      name: `c${index + 1}`,
      seed: seed + index,
      hosts: hostsOf(index),
      pins: pinsInCluster,
    }))
    const sshHosts = served.slice(0, overSsh).flatMap(({ hosts }) => hosts)
    const children: ChildProcess[] = []
    const silent: Server[] = []
    let ssh: SshServer | undefined
    // Nobody else's kept connections, and none of ours left behind.
    const runtime = join(folder, 'run')
    mkdirSync(runtime, { mode: 0o700 })
    const env = { ...process.env, XDG_RUNTIME_DIR: runtime, TIERCEL_STATE: join(folder, 'state') }
    try {
      const parts = Array.from({ length: processes }, (_, part) =>
        served.filter((__, index) => index % processes === part),
      )
      await Promise.all(
        parts.map(async (mine) => {
          children.push(await startAgents({ folder, token, clusters: mine, silent: hung }))
        }),
      )
      for (const name of hung) silent.push(await listenInSilence(join(folder, `${name}.sock`)))
      ssh = await startSshServer(folder, sshHosts, { token, say })
      const fleetFile = join(folder, 'tiercel.yaml')
      writeFileSync(fleetFile, fleetText(folder, served, { ssh, sshHosts }))
      const all = clusters * hostsInCluster
      say(`${all} hosts, ${sshHosts.length} of them over sshd; ${hanging} take questions and are silent`)

      const look = async (): Promise<{ took: number; answer: Answer; unreachable: string[] }> => {
        const command = tiercel('health', '--json', '--fleet', fleetFile)
        const { took, stdout } = await measure(command, { env, keep: true, accept: [0, 1, 2, 3] })
        const answer = Answer.parse(JSON.parse(stdout))
        const unreachable = answer.findings
          .filter(({ code }) => code === 'AGENT_UNREACHABLE')
          .map(({ subject }) => subject)
        return { took, answer, unreachable }
      }
      const began = performance.now()
      const first = await look()
      // Who logs in for longer than anybody waits is there for one of the next looks.
      let last = first
      while (last.unreachable.length > hanging && performance.now() - began < firstContactMs) last = await look()
      const contact = performance.now() - began
      say(`first contact: ${Math.round(first.took)} ms; all had logged in after ${(contact / 1000).toFixed(1)} s`)

      const looks: Awaited<ReturnType<typeof look>>[] = []
      for (let run = 0; run < runs; run += 1) looks.push(await look())
      say(`looks: ${looks.map(({ took }) => `${Math.round(took)} ms`).join(', ')}`)
      for (const { unreachable } of looks) {
        claim(
          unreachable.toSorted().join() === hung.toSorted().join(),
          `exactly the silent ones are told as unreachable, not: ${unreachable.join(', ')}`,
        )
      }
      const times = looks.map(({ took }) => took)
      const median = middle(times)
      claim(median <= mostMs, `the median of ${runs} runs is ${Math.round(median)} ms, more than ${mostMs} ms`)
      const found = looks.at(-1)?.answer.findings ?? []
      return {
        hosts: `${all}, ${sshHosts.length} over sshd`,
        'silent hosts': `${hung.length}, ${hung.filter((name) => sshHosts.includes(name)).length} over sshd`,
        'health, first contact': `${Math.round(first.took)} ms, ${first.unreachable.length - hanging} logins not done by then`,
        'until all had logged in': `${(contact / 1000).toFixed(1)} s`,
        'health, median': `${Math.round(median)} ms`,
        'health, slowest': `${Math.round(Math.max(...times))} ms`,
        'findings that are not ok': tally(found.filter(({ severity }) => severity !== 'ok')),
      }
    } finally {
      ssh?.stop()
      for (const child of children) child.kill('SIGKILL')
      for (const server of silent) server.close()
      // The connections end by themselves once nobody has asked for them.
      await waitFor(() => keepsNothing(runtime), keptForMs * 2)
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const hostsOf = (cluster: number): string[] =>
  Array.from({ length: hostsInCluster }, (_, host) => `c${cluster + 1}-n${host + 1}`)

const token = 'proof-token-of-this-run'

const keptForMs = 15_000

/** Whether the process that keeps the connections of these looks has gone, and its socket with it. */
function keepsNothing(runtime: string): boolean {
  return !readdirSync(runtime, { recursive: true, encoding: 'utf8' }).some((name) => name.endsWith('.sock'))
}

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

function fleetText(
  folder: string,
  served: ServedClusters['clusters'],
  { ssh, sshHosts }: { ssh: SshServer; sshHosts: readonly string[] },
): string {
  const address = (name: string) =>
    sshHosts.includes(name)
      ? { address: `ssh://${name}` }
      : { address: `unix:${join(folder, `${name}.sock`)}`, token: { file: join(folder, 'token') } }
  const fleets = served.map((cluster) => simFleet(worldOf(cluster, Date.now())))
  return stringify({
    apiVersion: 1,
    clusters: served.map(({ name }) => ({ name })),
    tiers: ['hot', 'warm', 'cold'].map((name) => ({ name })),
    hosts: fleets.flatMap(({ hosts }) => hosts.map(({ name, stores }) => ({ name, ...address(name), stores }))),
    ssh: { config: ssh.config, keepFor: `${keptForMs / 1000}s` },
  })
}

/** `2 POOL_DEGRADED, 1 PIN_ERRORS`. */
function tally(findings: readonly { code: string }[]): string {
  const counts = Map.groupBy(findings, ({ code }) => code)
  return [...counts].map(([code, found]) => `${found.length} ${code}`).join(', ')
}
