import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { build } from './build.ts'
import { resumeFromCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { writeFleet } from './fleet-file.ts'
import { prepareGuests, provisionPools, removeGuest, startGuest, waitForGuest } from './guests.ts'
import { gatingGuests } from './images.ts'
import { startPair } from './pair.ts'
import { type LabPaths, nativeAgent } from './paths.ts'
import { pingIntervalMs, pinTimeoutMs } from './peer-settings.ts'
import { makePeers, startCluster, startKubo, stopCluster, stopKubo, waitForMembership } from './peers.ts'
import { startNativeAgent, stopNativeAgent } from './native-agent.ts'
import { chooseBasePort } from './ports.ts'
import { isAlive } from './processes.ts'
import { exclusively, Lab } from './open-lab.ts'
import { require } from './requirements.ts'
import { makeKeys, writeSshFiles, type LabKeys } from './ssh.ts'
import { readState, withGuest, withPeer, writeState, type LabGuest, type LabState } from './state.ts'
import { installTiercel, restartAgent } from './tiercel.ts'

type Say = (line: string) => void

/** What `lab up` starts unless told otherwise: the native peers, and the guests that gate. */
export const usualParts: readonly string[] = ['peers', ...gatingGuests]

/** Starts what does not run, mends what half runs, and leaves the rest alone. Gives the state that is then on disk. */
export function up(paths: LabPaths, wanted: readonly string[], say: Say): Promise<LabState> {
  return exclusively(paths, () => bringUp(paths, wanted, say))
}

async function bringUp(paths: LabPaths, wanted: readonly string[], say: Say): Promise<LabState> {
  const guestNames = wanted.filter((part) => part !== 'peers')
  await build(paths, guestNames, say)
  await require('running', say)
  const keys = await makeKeys(paths.state)
  const lab = new Lab(paths)
  if (!lab.isUp) writeState(paths.state, await freshState(paths))
  await prepareGuests(paths, guestNames)
  const work = guestNames.map((name) => upGuest(lab, keys, name, say))
  if (wanted.includes('peers')) work.push(upPeers(lab, say))
  const results = await Promise.allSettled(work)
  if (results.every(({ status: end }) => end === 'fulfilled') && wanted.includes('peers')) {
    const started = await startNativeAgent(paths, lab.state)
    lab.update(() => started)
  }
  writeFleet(paths, lab.state)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return lab.state
}

async function upGuest(lab: Lab, keys: LabKeys, name: string, say: Say): Promise<void> {
  const before = lab.state.guests.find((guest) => guest.name === name)
  const started = await startGuest(lab.paths, keys, { name, basePort: lab.state.basePort, before })
  let { guest } = started
  const keep = (next: LabGuest): void => {
    guest = next
    lab.update((state) => withGuest(state, guest))
  }
  keep(guest)
  if (started.how !== 'booted') await resumeFromCheckpoint(guest)
  if (started.how !== 'ran') say(`${name}: ${started.how} (${guest.accelerator})`)
  writeSshFiles(lab.state, keys)
  await waitForGuest(lab.state, guest)
  say(`${name}: answers over SSH`)
  keep(await provisionPools(lab.state, guest))
  say(`${name}: ${guest.zfsVersion ?? 'no zfs version'}, its pools are there`)
  keep(await startPair(lab.state, guest))
  const installed = await installTiercel(lab.paths, lab.state, guest, say)
  const isAsPutAside = started.how === 'restored' && installed === guest
  if (isAsPutAside) await restartAgent(lab.state, guest)
  keep(installed)
  // Only a guest that has just become ready, and never was anything else, is fit to start others from.
  if (!isAsPutAside && (started.how === 'restored' || before?.zfsVersion === undefined)) {
    await saveCheckpoint(started.checkpoint, guest)
    say(`${name}: put aside as a checkpoint`)
  }
}

async function upPeers(lab: Lab, say: Say): Promise<void> {
  const made = await makePeers(lab.paths, lab.state.basePort)
  for (const peer of made) {
    const { kubo, cluster } = lab.state.peers.find((each) => each.name === peer.name) ?? {}
    lab.update((state) =>
      withPeer(state, {
        ...peer,
        ...(kubo === undefined ? {} : { kubo }),
        ...(cluster === undefined ? {} : { cluster }),
      }),
    )
  }
  for (const start of [startKubo, startCluster]) {
    const started = await Promise.all(lab.state.peers.map((peer) => start(lab.paths, peer)))
    for (const peer of started) lab.update((state) => withPeer(state, peer))
  }
  await waitForMembership(lab.state.peers)
  say(`peers: ${lab.state.peers.length} run and see each other`)
}

/** Ends every process that the lab started, and no other; then throws disks and repositories away. Keys are kept. */
export function down(paths: LabPaths, say: Say): Promise<void> {
  return exclusively(paths, () => takeDown(paths, say))
}

async function takeDown(paths: LabPaths, say: Say): Promise<void> {
  const state = readState(paths.state)
  if (state === undefined) return
  await Promise.all([
    ...state.guests.map(async (guest) => {
      await removeGuest(guest)
      say(`${guest.name}: ended`)
    }),
    ...state.peers.map(async (peer) => {
      await stopCluster(peer)
      await stopKubo(peer)
      rmSync(peer.folder, { recursive: true, force: true })
      say(`${peer.name}: ended`)
    }),
  ])
  await stopNativeAgent(state)
  rmSync(nativeAgent(paths).folder, { recursive: true, force: true })
  rmSync(state.fleetFile, { force: true })
  rmSync(join(paths.state, 'state.json'), { force: true })
}

/** One line for each part: whether it runs. */
export function status(state: LabState): { name: string; running: boolean; detail: string }[] {
  return [
    { name: 'agent here', running: isAlive(state.agent), detail: 'looks at the native peers' },
    ...state.guests.map((guest) => ({
      name: guest.name,
      running: isAlive(guest.qemu),
      detail: `${guest.zfsVersion ?? 'not provisioned'}, ssh port ${guest.sshPort}, ${guest.accelerator}${guest.agent ? ', agent' : ''}`,
    })),
    ...state.peers.flatMap((peer) => [
      { name: `${peer.name} kubo`, running: isAlive(peer.kubo), detail: peer.kuboApi },
      { name: `${peer.name} cluster`, running: isAlive(peer.cluster), detail: peer.clusterApi },
    ]),
  ]
}

async function freshState(paths: LabPaths): Promise<LabState> {
  return {
    version: 1,
    basePort: await chooseBasePort(process.env['TIERCEL_LAB_PORT']),
    sshConfig: join(paths.state, 'ssh', 'config'),
    knownHosts: join(paths.state, 'ssh', 'known_hosts'),
    fleetFile: join(paths.state, 'fleet.yaml'),
    pinTimeoutMs,
    pingIntervalMs,
    versions: {},
    peers: [],
    guests: [],
  }
}
