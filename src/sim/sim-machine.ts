import type { Unit } from '../domain/machine.ts'
import type { Machine } from '../domain/ports/machine.ts'
import { Bytes, Instant } from '../domain/units.ts'
import { looked } from './looked.ts'
import { disksOf, ioOf, smartOf } from './sim-disks.ts'
import type { SimHostState, World } from './world.ts'

/** The machine of one simulated host. */
export function simMachine(world: World, host: SimHostState): Machine {
  return {
    facts: looked(() => {
      const { kernel, memory, userNamespaces } = host.machine
      return {
        kernel,
        bootedAt: bootedAt(host),
        userNamespaces,
        memory: { total: Bytes.parse(memory.total), available: Bytes.parse(memory.available) },
      }
    }),
    services: async (units, signal) => {
      signal?.throwIfAborted()
      const { zedRuns } = host.machine
      return {
        manager: 'systemd',
        units: [...units.map((name) => unitOf(host, name)), unitOf(host, zedUnit)],
        zed: zedRuns,
      }
    },
    installed: looked(() => {
      const { kernels, schedulers, hostId } = host.machine
      return structuredClone({ kernels, schedulers, hostId })
    }),
    disks: async () => disksOf(host),
    io: async () => ioOf(world, host),
    smart: looked(() => smartOf(host)),
    filesystems: looked(() => {
      const total = 16_777_216
      return [{ mountpoint: '/', type: 'ext4', inodes: { total, free: total - host.machine.inodesUsed } }]
    }),
    boot: async () => {
      const { bootId, previousEnded } = host.machine
      const seenAt = Instant.parse(bootedAt(host) - 300_000)
      return { id: bootId, previous: { id: `before-${bootId}`, ended: previousEnded, seenAt } }
    },
  }
}

const zedUnit = 'zfs-zed.service'

/** The kernel reckons it from the clock. */
const bootedAt = ({ machine }: SimHostState): Instant => Instant.parse(machine.bootedAt + machine.clockOffset)

function unitOf({ machine }: SimHostState, name: string): Unit {
  const runs = !machine.stoppedUnits.includes(name) && (name !== zedUnit || machine.zedRuns)
  return runs
    ? { name, load: 'loaded', active: 'active', sub: 'running', result: 'success', restarts: 0 }
    : { name, load: 'loaded', active: 'inactive', sub: 'dead', result: 'success', restarts: 0 }
}
