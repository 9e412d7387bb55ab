import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { z } from 'zod'

import { LabError } from './errors.ts'
import { keyOf } from './images.ts'
import type { LabPaths } from './paths.ts'
import { isAlive, must, waitFor } from './processes.ts'
import { qmp } from './qmp.ts'
import { LabGuest } from './state.ts'

/** A guest as it was when its pools were new and its agent ran: memory and disks. Starting from it takes seconds where a boot without KVM takes a minute or more. */
export interface Checkpoint {
  readonly folder: string
  /** Address from which QEMU takes the memory. */
  readonly incoming: string
  /** What was learned of the guest before it was put aside. */
  readonly known: z.infer<typeof Known>
}

const Known = LabGuest.pick({ zfsVersion: true, kernel: true, pair: true, tiercelKey: true, agent: true })

/** Beyond this age a scrub in the guest may be overdue, and the jump of its clock is large. */
const oldestMs = 14 * 86_400_000

/** A checkpoint fits only the machine, programs and scripts that it was made with. */
export function checkpointFolder(paths: LabPaths, guest: string, parts: readonly string[]): string {
  const scripts = ['pair.ts', 'pools.ts', 'peer-settings.ts', 'guest-disks.ts', 'checkpoint.ts'].map((file) =>
    readFileSync(join(import.meta.dirname, file), 'utf8'),
  )
  return join(paths.state, 'checkpoints', `${guest}-${keyOf([...parts, ...scripts])}`)
}

/** Puts the disks of a checkpoint in place; undefined when there is none that is young enough. */
export async function restoreCheckpoint(folder: string, guestFolder: string): Promise<Checkpoint | undefined> {
  const known = join(folder, 'known.json')
  if (!existsSync(known) || Date.now() - statSync(known).mtimeMs > oldestMs) return undefined
  await must('cp', ['-a', '--sparse=always', `${join(folder, 'disks')}/.`, guestFolder])
  return {
    folder,
    incoming: `exec:cat ${quoted(join(folder, 'memory'))}`,
    known: Known.parse(JSON.parse(readFileSync(known, 'utf8'))),
  }
}

/** Waits until the memory of a checkpoint is in place, and lets the guest run on. One that runs is left alone. */
export async function resumeFromCheckpoint({ qmpSocket, qemu, folder }: LabGuest): Promise<void> {
  const came = await waitFor(async () => {
    // QEMU opens its socket a moment after it has started.
    if (!existsSync(qmpSocket) && isAlive(qemu)) return false
    return isIn(qmpSocket, 'query-status', ['paused', 'prelaunch', 'postmigrate', 'running'])
  }, 60_000)
  if (!came) throw new LabError(`QEMU did not take the memory of the checkpoint; see ${folder}/qemu.log`)
  await qmp(qmpSocket, 'cont')
}

/** Puts a guest that runs aside as a checkpoint, and lets it run on. Older ones of this guest go. */
export async function saveCheckpoint(folder: string, guest: LabGuest): Promise<void> {
  const half = `${folder}.half`
  rmSync(half, { recursive: true, force: true })
  mkdirSync(half, { recursive: true, mode: 0o700 })
  await qmp(guest.qmpSocket, 'stop')
  try {
    await qmp(guest.qmpSocket, 'migrate-set-parameters', { 'max-bandwidth': 10_000_000_000 })
    await qmp(guest.qmpSocket, 'migrate', { uri: `exec:cat > ${quoted(join(half, 'memory'))}` })
    const saved = await waitFor(() => isIn(guest.qmpSocket, 'query-migrate', ['completed', 'failed']), 120_000)
    if (!saved || (await isIn(guest.qmpSocket, 'query-migrate', ['failed']))) {
      throw new LabError(`QEMU did not write the memory of ${guest.name}`)
    }
    mkdirSync(join(half, 'disks'))
    for (const name of ['root.qcow2', 'seed.img', 'disks']) {
      await must('cp', ['-a', '--sparse=always', join(guest.folder, name), join(half, 'disks')])
    }
  } finally {
    await qmp(guest.qmpSocket, 'cont')
  }
  writeFileSync(join(half, 'known.json'), JSON.stringify(Known.parse(guest)))
  for (const name of readdirSync(join(folder, '..'))) {
    if (name.startsWith(`${guest.name}-`) && !half.endsWith(name)) {
      rmSync(join(folder, '..', name), { recursive: true })
    }
  }
  renameSync(half, folder)
}

async function isIn(socket: string, command: string, states: readonly string[]): Promise<boolean> {
  const answer = z.object({ status: z.string().optional() }).parse(await qmp(socket, command))
  return answer.status !== undefined && states.includes(answer.status)
}

/** QEMU gives these addresses to a shell. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", String.raw`'\''`)}'`
}
