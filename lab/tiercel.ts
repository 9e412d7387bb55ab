import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { everythingAllowed } from '../src/operations/policy.ts'
import { nodeCache } from './guest-disks.ts'
import { pairApis, pairLocal } from './pair.ts'
import type { LabPaths } from './paths.ts'
import { labPools, storeDataset } from './pools.ts'
import { must } from './processes.ts'
import { inGuest, mustInGuest } from './ssh.ts'
import type { LabGuest, LabState } from './state.ts'

/** What a guest needs of the checkout; packages and Node come from the tools disk. */
const parts = ['bin', 'src', 'package.json']

/** Puts this checkout into a guest where it has another one, and installs agent and executor from it. */
export async function installTiercel(
  paths: LabPaths,
  state: LabState,
  guest: LabGuest,
  say: (line: string) => void,
): Promise<LabGuest> {
  const key = checkoutKey(paths.checkout)
  const config = agentConfig(guest)
  const wanted = createHash('sha256').update(key).update(config).update(guestPolicy()).digest('hex').slice(0, 16)
  if (guest.tiercelKey === wanted && guest.agent) return guest
  await copyCheckout(paths, state, guest)
  if (!existsSync(join(paths.checkout, 'bin', 'tiercel'))) {
    say(`${guest.name}: this checkout has no bin/tiercel, so no agent is installed`)
    return { ...guest, agent: false }
  }
  const { code, stdout, stderr } = await inGuest(state, guest, installScript(config), { timeoutMs: 420_000 })
  if (code !== 0) {
    say(`${guest.name}: the agent could not be installed: ${(stderr.trim() || stdout.trim()).slice(-2000)}`)
    return { ...guest, agent: false }
  }
  say(`${guest.name}: agent and executor installed`)
  return { ...guest, tiercelKey: wanted, agent: true }
}

/** Starts the agent anew, after its clock has jumped, and waits until it listens. */
export async function restartAgent(state: LabState, guest: LabGuest): Promise<void> {
  await mustInGuest(state, guest, `systemctl restart tiercel-agent.service\n${untilAgentListens}`, {
    timeoutMs: 180_000,
  })
}

/** systemd calls the agent active as soon as its process is there; without KVM it listens seconds later. */
export const untilAgentListens = `for try in $(seq 300); do test -S /run/tiercel/agent.sock && break; sleep 0.4; done
test -S /run/tiercel/agent.sock`

/** Hash of all files of the checkout that a guest gets. */
export function checkoutKey(checkout: string): string {
  const hash = createHash('sha256')
  const visit = (path: string): void => {
    const full = join(checkout, path)
    if (!existsSync(full)) return
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).toSorted()) visit(join(path, name))
    } else if (!path.endsWith('.test.ts')) {
      hash.update(`${path}\n`).update(readFileSync(full))
    }
  }
  for (const part of parts) visit(part)
  return hash.digest('hex')
}

/** `/etc/tiercel/agent.yaml` of a guest. */
export function agentConfig(guest: Pick<LabGuest, 'name' | 'pair'>): string {
  const stores = guestStores(guest).map((store) =>
    guest.pair?.store === store['name'] ? { ...store, ...pairLocal } : store,
  )
  return stringify({ apiVersion: 1, host: guest.name, stores })
}

/** `/etc/tiercel/policy.yaml` of a guest: everything that acts on a pool may, so that tests can act; a test can write another. */
export function guestPolicy(): string {
  return stringify({
    apiVersion: 1,
    mode: 'operate',
    allow: everythingAllowed().map((line) =>
      line.pools === undefined ? line : { ...line, pools: labPools.map(({ name }) => name) },
    ),
  })
}

/** The stores of a guest, one on each pool, as both the agent's file and the fleet file name them. */
export function guestStores(guest: Pick<LabGuest, 'name' | 'pair'>): Record<string, string>[] {
  return labPools.map((pool) => ({
    name: pool.tier,
    tier: pool.tier,
    cluster: guestCluster(guest.name),
    pool: pool.name,
    dataset: storeDataset(pool),
    ...(guest.pair?.store === pool.tier ? { clusterApi: pairApis.cluster, kuboApi: pairApis.kubo } : {}),
  }))
}

/** Guests cannot reach each other: each is a cluster of its own. */
export function guestCluster(guest: string): string {
  return `in-${guest}`
}

async function copyCheckout(paths: LabPaths, state: LabState, guest: LabGuest): Promise<void> {
  const present = parts.filter((part) => existsSync(join(paths.checkout, part)))
  const archive = join(guest.folder, 'tiercel.tar')
  const options = ['-C', paths.checkout, '--exclude=*.test.ts', '--owner=0', '--group=0']
  await must('tar', [...options, '-czf', archive, ...present])
  const extract = 'set -e; rm -rf /opt/tiercel.new; mkdir /opt/tiercel.new; tar -C /opt/tiercel.new -xzf -'
  await must('ssh', ['-F', state.sshConfig, guest.alias, extract], {
    input: readFileSync(archive),
    timeoutMs: 120_000,
  })
  await mustInGuest(
    state,
    guest,
    `
ln -s /opt/lab-tools/node_modules /opt/tiercel.new/node_modules
rm -rf /opt/tiercel
mv /opt/tiercel.new /opt/tiercel
ln -sfn /opt/tiercel/bin/tiercel /usr/local/bin/tiercel
`,
  )
}

function installScript(config: string): string {
  return `
set -e
mkdir -p /etc/tiercel ${nodeCache}
cat > /etc/tiercel/agent.yaml << 'END'
${config}END
cat > /etc/tiercel/policy.yaml << 'END'
${guestPolicy()}END
NODE_COMPILE_CACHE=${nodeCache} tiercel agent install --yes < /dev/null
systemctl is-active tiercel-agent.service
${untilAgentListens}
`
}
