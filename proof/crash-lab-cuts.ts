import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { controllerClient } from '../src/adapters/controller/client.ts'
import { nextBetween, type RandomState } from '../src/sim/random.ts'
import { meantSchedulers } from '../lab/controller.ts'
import type { Lab } from '../lab/open-lab.ts'
import { cutPower } from '../lab/power.ts'
import { waitFor } from '../lab/processes.ts'
import { mustInGuest } from '../lab/ssh.ts'
import { guestCluster, guestStores } from '../lab/tiercel.ts'
import { allEndRight, beginRun, claimNoLocks, type Ended, summed } from './lab-runs.ts'
import { claim, type Figures } from './proof.ts'

const socketInGuest = '/run/tiercel-controller/controller.sock'
const tokenInGuest = '/var/lib/tiercel-controller/admin.token'

/**
 * Cuts the power of guests that hold the stores of the controller, the agent and the executor, while runs go on in them. Each
 * guest has a controller of its own, so they are cut side by side: most of it is their boots.
 */
export async function cutPowerAgain(
  lab: Lab,
  guests: readonly string[],
  { count, seed, say }: { count: number; seed: number; say: (line: string) => void },
): Promise<Figures> {
  // Where one is disproved, the others end before their next cut, and leave nothing running.
  const over = new AbortController()
  const cuts = guests.map(async (guest, place) => {
    const mine = Math.floor((count + guests.length - 1 - place) / guests.length)
    try {
      return await cutsOf(lab, guest, { count: mine, seed: seed + place, say, over: over.signal })
    } catch (error) {
      over.abort(error)
      throw error
    }
  })
  await Promise.allSettled(cuts)
  over.signal.throwIfAborted()
  const ended = await Promise.all(cuts)
  const { runs, asked, lost, took } = summed(ended.flat())
  return {
    'power cuts': guests.map((guest, place) => `${guest} ${ended[place]?.length ?? 0}`).join(', '),
    'runs beside the cuts': runs,
    'cut before they were accepted': lost,
    'asked a person after a cut': asked,
    'longest from the boot to the end of its runs': `${(took / 1000).toFixed(0)} s`,
  }
}

/** One guest's part: what has become of the runs beside each of its cuts. */
async function cutsOf(
  lab: Lab,
  guest: string,
  { count, seed, say, over }: { count: number; seed: number; say: (line: string) => void; over: AbortSignal },
): Promise<Ended[]> {
  const random: RandomState = { random: seed }
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-proof-'))
  const socket = join(folder, 'controller.sock')
  const address = { url: `unix:${socket}`, token: { file: join(folder, 'admin.token') } }
  const tag = `cut-${Date.now().toString(36)}`
  let forward: ChildProcess | undefined
  const ended: Ended[] = []
  // The guest's controller answers on a socket in the guest; a connection of SSH makes it one of this machine.
  const reach = async (): Promise<void> => {
    forward?.kill('SIGKILL')
    const answers = await waitFor(
      async () => {
        if (forward === undefined || forward.exitCode !== null || forward.signalCode !== null) {
          rmSync(socket, { force: true })
          const alias = lab.guest(guest).alias
          const how = [
            '-F',
            lab.state.sshConfig,
            '-N',
            '-o',
            'ExitOnForwardFailure=yes',
            '-L',
            `${socket}:${socketInGuest}`,
          ]
          forward = spawn('ssh', [...how, alias], { stdio: 'ignore' })
        }
        const client = controllerClient(address)
        try {
          await client.ask('whoami')
          return true
        } catch {
          return false
        } finally {
          await client.close()
        }
      },
      180_000,
      1000,
    )
    claim(answers, `the controller in ${guest} does not answer after the power cut`)
  }
  try {
    const token = await installController(lab, guest)
    writeFileSync(address.token.file, token, { mode: 0o600 })
    await reach()
    for (let number = 0; number < count && !over.aborted; number += 1) {
      const client = controllerClient(address)
      const begun = [
        await beginRun(lab, client, guest, number, tag),
        await beginRun(lab, client, guest, number + 1, `${tag}-beside`),
      ]
      await client.close()
      await sleep(nextBetween(random, 0, 12_000))
      await cutPower(lab, guest)
      const backAt = Date.now()
      await reach()
      const now = await allEndRight(lab, address, begun, backAt)
      ended.push(now)
      say(
        `power cut ${number + 1} of ${count} of ${guest}: ${begun.map(({ kind }) => kind).join(', ')}; all ended right ${Math.round(now.took / 1000)} s after the host was back`,
      )
    }
    await claimNoLocks(address)
  } finally {
    forward?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    await mustInGuest(lab.state, lab.guest(guest), 'systemctl disable --now tiercel-controller.service')
  }
  return ended
}

/** Installs the controller as an operator would, over its own host, and has the agent obey it; gives its first token. */
async function installController(lab: Lab, guest: string): Promise<string> {
  const fleet = {
    apiVersion: 1,
    clusters: [{ name: guestCluster(guest) }],
    tiers: ['hot', 'warm', 'cold'].map((name) => ({ name })),
    checks: meantSchedulers,
    hosts: [
      {
        name: guest,
        address: 'unix:/run/tiercel/agent.sock',
        token: { file: '/etc/tiercel/agent.token' },
        stores: guestStores(lab.guest(guest)),
      },
    ],
  }
  const said = await mustInGuest(
    lab.state,
    lab.guest(guest),
    `cat > /etc/tiercel/tiercel.yaml << 'END'
${stringify(fleet)}END
tiercel controller install --yes < /dev/null >&2
for try in $(seq 120); do test -S ${socketInGuest} && test -e ${tokenInGuest} && break; sleep 1; done
take_over() { tiercel controller take-over "$@" < /dev/null 2>&1; }
said=$(take_over) || {
  status=$?
  from=$(printf '%s' "$said" | sed -n 's/.*take-over --from //p')
  test -n "$from" || { echo "take-over ended with $status: $said" >&2; journalctl -n 20 -o cat >&2; exit 1; }
  take_over --from $from >&2
}
cat ${tokenInGuest}`,
    { timeoutMs: 400_000 },
  )
  return `${said.trim().split('\n').at(-1) ?? ''}\n`
}
