import { LabError } from '../errors.ts'
import type { Lab } from '../open-lab.ts'
import { diskPath } from '../pools.ts'
import { waitFor } from '../processes.ts'
import { diskDevice } from '../qemu.ts'
import { qmp } from '../qmp.ts'
import type { LabGuest } from '../state.ts'
import { inTarget, type FaultTarget } from './fault.ts'

/** Asks the guest to give the device up, as a pulled cable does; a device that is gone already stays gone. */
export async function unplug(guest: LabGuest, disk: string): Promise<void> {
  const { id } = diskDevice(disk)
  if (await isPlugged(guest, disk)) await qmp(guest.qmpSocket, 'device_del', { id })
  const gone = await waitFor(async () => !(await isPlugged(guest, disk)), 30_000)
  if (!gone) throw new LabError(`${guest.name} did not give up ${disk}`)
}

/** Gives the device back. */
export async function plug(guest: LabGuest, disk: string): Promise<void> {
  if (!(await isPlugged(guest, disk))) await qmp(guest.qmpSocket, 'device_add', diskDevice(disk))
}

async function isPlugged(guest: LabGuest, disk: string): Promise<boolean> {
  const { id } = diskDevice(disk)
  const devices = await qmp(guest.qmpSocket, 'qom-list', { path: '/machine/peripheral' })
  return Array.isArray(devices) && devices.some((each: unknown) => isNamed(each, id))
}

function isNamed(value: unknown, name: string | undefined): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === name
}

/** Waits until udev in the guest has followed. */
export async function waitForDisk(lab: Lab, target: FaultTarget, disk: string, state: 'there' | 'gone'): Promise<void> {
  const path = `${diskPath(disk)}-part1`
  const test = state === 'there' ? `test -e ${path}` : `! test -e ${path}`
  await inTarget(
    lab,
    target,
    `for try in $(seq 150); do { ${test}; } && exit 0; sleep 0.2; done
echo "${path} is not ${state} after 30 s" >&2
exit 1`,
  )
}
