import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { builtImage } from './build.ts'
import { checkpointFolder, restoreCheckpoint } from './checkpoint.ts'
import { LabError } from './errors.ts'
import { makePoolDisks, makeRootDisk, makeSeedDisk, makeToolsDisk } from './guest-disks.ts'
import { guestImages, type GuestImage } from './images.ts'
import type { LabPaths } from './paths.ts'
import { labPools, poolScript } from './pools.ts'
import { isAlive, must, startDetached, stopProcess, waitFor } from './processes.ts'
import { chooseAccelerator, qemuArguments, type Machine } from './qemu.ts'
import { hostKeyPath, inGuest, makeKey, mustInGuest, publicKey, type LabKeys } from './ssh.ts'
import type { LabGuest, LabState } from './state.ts'

/** How long a guest may take from its start to its first answer over SSH; a busy machine without KVM needs the most. */
const bootTimeoutMs = 420_000

/** The kind of guest that has this name. */
export function guestImage(name: string): GuestImage {
  const image = guestImages.find((each) => each.name === name)
  if (image !== undefined) return image
  throw new LabError(`no guest ${name}; there are ${guestImages.map((each) => each.name).join(', ')}`)
}

/** A guest whose machine runs, and how it came to. */
export interface StartedGuest {
  readonly guest: LabGuest
  /** ran: nothing was done; restored: from a checkpoint; booted: from the image, or from the disks that it had. */
  readonly how: 'ran' | 'restored' | 'booted'
  /** Where the checkpoint is, or can be made once the guest is as it should be. */
  readonly checkpoint: string
}

/** Starts the virtual machine of this guest if it does not run; the disks it had are kept, unless its image is another one by now. */
export async function startGuest(
  paths: LabPaths,
  keys: LabKeys,
  { name, basePort, before }: { name: string; basePort: number; before: LabGuest | undefined },
): Promise<StartedGuest> {
  const machine = await machineOf(paths, guestImage(name), basePort)
  const qemuVersion = await must('qemu-system-x86_64', ['--version'])
  const hostKey = await makeKey(hostKeyPath(paths.state, name), `tiercel-lab ${name}`)
  const ownKeys = [hostKey, keys.root, keys.agent].map(publicKey)
  // The forwarded port is no part of the machine: a lab that found its ports taken gets others, and the same checkpoint.
  const shape = qemuArguments({ ...machine, sshPort: 0 })
  const checkpoint = checkpointFolder(paths, name, [qemuVersion, ...ownKeys, ...shape])
  if (before !== undefined && isAlive(before.qemu)) return { guest: before, how: 'ran', checkpoint }
  const folder = join(machine.rootDisk, '..')
  if (before?.imageKey !== machine.built.key) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  mkdirSync(paths.sockets, { recursive: true, mode: 0o700 })
  const restored = existsSync(machine.rootDisk) ? undefined : await restoreCheckpoint(checkpoint, folder)
  if (restored === undefined) {
    await makeRootDisk(machine.rootDisk, machine.built)
    await makeSeedDisk(hostKey, keys, machine.seedDisk)
    makePoolDisks(machine.disks)
  }
  rmSync(machine.qmpSocket, { force: true })
  const incoming = restored === undefined ? [] : ['-incoming', restored.incoming]
  const qemu = await startDetached('qemu-system-x86_64', [...qemuArguments(machine), ...incoming], {
    logFile: join(folder, 'qemu.log'),
  })
  const guest: LabGuest = {
    name,
    folder,
    imageKey: machine.built.key,
    sshPort: machine.sshPort,
    alias: name,
    agentAlias: `${name}-agent`,
    qmpSocket: machine.qmpSocket,
    accelerator: machine.accelerator,
    qemu,
    agent: false,
    ...restored?.known,
  }
  return { guest, how: restored === undefined ? 'booted' : 'restored', checkpoint }
}

/** Makes what all guests share before they are started side by side. */
export async function prepareGuests(paths: LabPaths, names: readonly string[]): Promise<void> {
  const [first] = names
  if (first === undefined) return
  await makeToolsDisk(paths)
  await chooseAccelerator(paths, builtImage(paths, guestImage(first)))
}

async function machineOf(paths: LabPaths, image: GuestImage, basePort: number): Promise<Machine> {
  const built = builtImage(paths, image)
  const folder = join(paths.state, 'guests', image.name)
  return {
    image,
    built,
    accelerator: await chooseAccelerator(paths, built),
    rootDisk: join(folder, 'root.qcow2'),
    seedDisk: join(folder, 'seed.img'),
    toolsDisk: await makeToolsDisk(paths),
    disks: join(folder, 'disks'),
    sshPort: basePort + guestImages.indexOf(image),
    qmpSocket: join(paths.sockets, `${image.name}.qmp`),
    serialLog: join(folder, 'serial.log'),
  }
}

/**
 * Sets a guest's clock by its real-time clock, which follows this machine's also over a checkpoint. That tells whole seconds
 * only, so the next one is waited for; a time sent over SSH would be late by what that takes.
 */
export const setClock = `rtc=/sys/class/rtc/rtc0/since_epoch
began=$(cat $rtc)
while test "$(cat $rtc)" = "$began"; do :; done
date -s @$((began + 1))`

/** Waits until a guest answers over SSH, and gives it the time: after a checkpoint its clock stands where it stood. */
export async function waitForGuest(state: LabState, guest: LabGuest): Promise<void> {
  let last = ''
  const up = await waitFor(
    async () => {
      if (!isAlive(guest.qemu)) return true
      const { code, stderr } = await inGuest(state, guest, setClock, { timeoutMs: 20_000 })
      last = stderr.trim()
      return code === 0
    },
    bootTimeoutMs,
    1000,
  )
  if (up && isAlive(guest.qemu)) return
  const why = isAlive(guest.qemu) ? `ssh says: ${last}` : `QEMU ended: see ${guest.folder}/qemu.log`
  throw new LabError(`${guest.name} does not answer over SSH; ${why}; its console is in ${guest.folder}/serial.log`)
}

/** Gives a guest its pools, and reads which versions it runs. */
export async function provisionPools(state: LabState, guest: LabGuest): Promise<LabGuest> {
  const said = await mustInGuest(
    state,
    guest,
    `${poolScript(labPools)}
zfs version | tail -n 1
uname -r`,
    { timeoutMs: 240_000 },
  )
  const [zfsVersion, kernel] = said.trim().split('\n').slice(-2)
  return {
    ...guest,
    ...(zfsVersion === undefined ? {} : { zfsVersion }),
    ...(kernel === undefined ? {} : { kernel }),
  }
}

/** Ends a guest's virtual machine at once, as a power cut does, and throws its disks away. */
export async function removeGuest(guest: LabGuest): Promise<void> {
  await stopProcess(guest.qemu)
  if (existsSync(guest.folder)) rmSync(guest.folder, { recursive: true })
  rmSync(guest.qmpSocket, { force: true })
}
