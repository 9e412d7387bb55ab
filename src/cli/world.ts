import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { openFleet } from '../adapters/agent/contact.ts'
import { readAgentConfig } from '../adapters/files/agent-file.ts'
import { readFleet } from '../adapters/files/fleet-file.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createPrograms } from '../adapters/system/exec.ts'
import { Fleet } from '../domain/fleet.ts'
import type { FleetReader } from '../observe/fleet-reader.ts'
import { tiercelVersion } from '../version.ts'

/** What each command is about: the fleet as declared, and the means to look at it. */
export interface World {
  fleet: Fleet
  reader: FleetReader
}

const agentFile = '/etc/tiercel/agent.yaml'
const defaultFleetFiles = ['tiercel.yaml', '/etc/tiercel/tiercel.yaml']

/**
 * The fleet file that was asked for: `--fleet`, then TIERCEL_FLEET, then ./tiercel.yaml, then /etc/tiercel/tiercel.yaml;
 * undefined when there is none, which means this machine alone.
 */
export function fleetFile(option: string | undefined): string | undefined {
  const named = option ?? process.env['TIERCEL_FLEET']
  return named === undefined || named === '' ? defaultFleetFiles.find((path) => existsSync(path)) : named
}

/** Reads the fleet file and makes ready to look; nothing is contacted yet. */
export async function openWorld(option: string | undefined): Promise<World> {
  const path = fleetFile(option)
  const local = existsSync(agentFile) ? await readAgentConfig(agentFile) : undefined
  const fleet = path === undefined ? thisMachine(local) : await readFleet(path)
  const reader = openFleet(fleet, {
    clock: systemClock,
    exec: createPrograms().exec,
    tiercelVersion,
    localStores: local?.stores,
    command: [process.execPath, new URL('../main.ts', import.meta.url).pathname],
  })
  return { fleet, reader }
}

/** Without a fleet file: this machine, with the stores of its own agent file, and default thresholds for their tiers. */
function thisMachine(local: Awaited<ReturnType<typeof readAgentConfig>> | undefined): Fleet {
  const stores = local?.stores ?? []
  const name = local?.host ?? hostname().split('.')[0] ?? 'localhost'
  return Fleet.parse({
    apiVersion: 1,
    clusters: unique(stores.map(({ cluster }) => cluster)),
    tiers: unique(stores.map(({ tier }) => tier)),
    hosts: [{ name, address: 'local', stores: stores.map(({ units: _local, ...store }) => store) }],
  })
}

const unique = (names: readonly string[]): { name: string }[] => [...new Set(names)].map((name) => ({ name }))
