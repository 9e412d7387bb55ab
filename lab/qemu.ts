import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { BuiltImage } from './build.ts'
import type { GuestImage } from './images.ts'
import type { LabPaths } from './paths.ts'
import { labPools, spareDisk } from './pools.ts'
import { run } from './processes.ts'

export type Accelerator = 'kvm' | 'tcg'

/** Files and ports of one virtual machine. */
export interface Machine {
  readonly image: GuestImage
  readonly built: BuiltImage
  readonly accelerator: Accelerator
  /** Its overlay on the image, which stays as it was built. */
  readonly rootDisk: string
  readonly seedDisk: string
  readonly toolsDisk: string
  /** Folder of the raw disks of its pools. */
  readonly disks: string
  readonly sshPort: number
  readonly qmpSocket: string
  readonly serialLog: string
}

/** The arguments of QEMU for this machine. Its network reaches nothing: only the forwarded SSH port leads in. */
export function qemuArguments(machine: Machine): string[] {
  const tcg = machine.accelerator === 'tcg'
  return [
    ['-name', machine.image.name, '-machine', 'q35', '-smp', '2', '-m', String(machine.image.memoryMiB)],
    ['-accel', tcg ? 'tcg,thread=multi' : 'kvm', '-cpu', tcg ? machine.image.emulatedCpu : 'host'],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none', '-no-reboot'],
    ['-serial', `file:${option(machine.serialLog)}`],
    ['-qmp', `unix:${option(machine.qmpSocket)},server=on,wait=off`],
    ['-kernel', machine.built.kernel, '-initrd', machine.built.initrd],
    [
      '-append',
      'root=/dev/vda rw console=ttyS0 quiet net.ifnames=0 panic=-1 mitigations=off apparmor=0 audit=0 nowatchdog tsc=reliable rcupdate.rcu_expedited=1',
    ],
    ['-device', 'virtio-rng-pci'],
    ['-netdev', `user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:${machine.sshPort}-:22`],
    ['-device', 'virtio-net-pci,netdev=net0,romfile='],
    ['-drive', `file=${option(machine.rootDisk)},if=virtio,format=qcow2,cache=unsafe`],
    ['-drive', `file=${option(machine.seedDisk)},if=virtio,format=raw,readonly=on`],
    ['-drive', `file=${option(machine.toolsDisk)},if=virtio,format=raw,readonly=on`],
    ['-device', 'virtio-scsi-pci,id=scsi0'],
    ...allDisks().flatMap((disk) => [
      '-blockdev',
      `driver=raw,node-name=${disk},discard=unmap,cache.no-flush=on,file.driver=file,file.filename=${option(join(machine.disks, `${disk}.raw`))}`,
      '-device',
      Object.entries(diskDevice(disk))
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
    ]),
  ].flat()
}

/** The disks of all pools of a guest, and the one of none. */
export function allDisks(): string[] {
  return [...labPools.flatMap((pool) => pool.disks), spareDisk]
}

/** How a disk is attached: the same when the machine starts and when the disk is put back. The serial names it in the guest. */
export function diskDevice(disk: string): Record<string, string> & { driver: string } {
  return { driver: 'scsi-hd', bus: 'scsi0.0', drive: disk, id: `dev-${disk}`, serial: disk }
}

/** QEMU takes a comma for the end of an option; two stand for one. */
function option(path: string): string {
  return path.replaceAll(',', ',,')
}

/**
 * Whether KVM really runs a kernel here. A /dev/kvm is not enough: there are machines on which every guest hangs before its
 * first line. The answer is kept beside the state, until the host starts anew.
 */
export async function chooseAccelerator(paths: LabPaths, built: BuiltImage): Promise<Accelerator> {
  if (!existsSync('/dev/kvm')) return 'tcg'
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const memory = join(paths.state, 'kvm-probe')
  if (existsSync(memory)) {
    const [probedBoot, answer] = readFileSync(memory, 'utf8').trim().split(' ')
    if (probedBoot === boot) return answer === 'kvm' ? 'kvm' : 'tcg'
  }
  const { stdout } = await run(
    'qemu-system-x86_64',
    [
      ['-machine', 'q35', '-accel', 'kvm', '-cpu', 'host', '-m', '256', '-nodefaults', '-display', 'none'],
      ['-no-reboot', '-serial', 'stdio', '-kernel', built.kernel, '-append', 'console=ttyS0 panic=-1'],
    ].flat(),
    { timeoutMs: 10_000 },
  )
  // Without a root file system the kernel panics and QEMU ends; that it spoke is what counts.
  const answer: Accelerator = stdout.includes('Linux version') && stdout.includes('panic') ? 'kvm' : 'tcg'
  writeFileSync(memory, `${boot} ${answer}\n`)
  return answer
}
