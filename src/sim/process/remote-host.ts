import type { HostPorts } from '../../domain/ports/host.ts'
import type { Storage } from '../../domain/ports/storage.ts'
import { simHost } from '../ports.ts'
import type { SimulatorClient } from './client.ts'

/**
 * The ZFS and the machine of a simulated host, seen from another process: each look asks for the world as it is then. Its
 * stores' daemons have faces of their own, and are not here.
 */
export function remoteHost(simulator: SimulatorClient, name: string): HostPorts {
  const now = async (signal?: AbortSignal): Promise<HostPorts> => simHost(await simulator.world(signal), name)
  const storage = async (signal?: AbortSignal): Promise<Storage> => {
    const { storage: found } = await now(signal)
    if (found === undefined) throw new TypeError(`the simulated host ${name} has no ZFS`)
    return found
  }
  return {
    name,
    machine: {
      facts: async (signal) => (await now(signal)).machine.facts(signal),
      services: async (units, signal) => (await now(signal)).machine.services(units, signal),
      installed: async (signal) => (await now(signal)).machine.installed(signal),
      disks: async () => (await now()).machine.disks(),
      io: async () => (await now()).machine.io(),
      smart: async (signal) => (await now(signal)).machine.smart(signal),
      filesystems: async (signal) => (await now(signal)).machine.filesystems(signal),
      boot: async (signal) => (await now(signal)).machine.boot(signal),
    },
    storage: {
      version: async (signal) => (await storage(signal)).version(signal),
      poolStatus: async (signal) => (await storage(signal)).poolStatus(signal),
      pools: async (signal) => (await storage(signal)).pools(signal),
      datasets: async (ofStores, signal) => (await storage(signal)).datasets(ofStores, signal),
      snapshots: async (dataset, signal) => (await storage(signal)).snapshots(dataset, signal),
      holds: async (snapshots, signal) => (await storage(signal)).holds(snapshots, signal),
      poolStates: async () => (await storage()).poolStates(),
      arc: async () => (await storage()).arc(),
    },
    privileges: async (signal) => (await now(signal)).privileges(signal),
    stores: [],
  }
}
