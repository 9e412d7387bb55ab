import { LabError } from './errors.ts'
import { waitForGuest } from './guests.ts'
import type { Lab } from './open-lab.ts'
import { startPair } from './pair.ts'
import { waitFor } from './processes.ts'
import { qmp } from './qmp.ts'
import { inGuest, mustInGuest } from './ssh.ts'
import { untilAgentListens } from './tiercel.ts'

const bootIdOf = 'cat /proc/sys/kernel/random/boot_id'

/**
 * Cuts the power of a guest and gives it back at once: what its kernel had not written to the disks is lost, and nothing in
 * it is told. Returns when it has booted and its agent listens; without KVM that takes a minute and more.
 */
export async function cutPower(lab: Lab, name: string): Promise<void> {
  const guest = lab.guest(name)
  const before = await mustInGuest(lab.state, guest, bootIdOf, { timeoutMs: 60_000 })
  // The lab's machines are started so that a guest which restarts by itself is seen to end; this restart is meant.
  await qmp(guest.qmpSocket, 'set-action', { reboot: 'reset' })
  try {
    await qmp(guest.qmpSocket, 'system_reset')
    const isAnew = await waitFor(
      async () => {
        const { code, stdout } = await inGuest(lab.state, guest, bootIdOf, { timeoutMs: 20_000 })
        return code === 0 && stdout.trim() !== before.trim()
      },
      420_000,
      1000,
    )
    if (!isAnew) throw new LabError(`${name} has not booted; its console is in ${guest.folder}/serial.log`)
  } finally {
    await qmp(guest.qmpSocket, 'set-action', { reboot: 'shutdown' })
  }
  await waitForGuest(lab.state, guest)
  await startPair(lab.state, guest)
  await mustInGuest(lab.state, guest, untilAgentListens, { timeoutMs: 180_000 })
}
