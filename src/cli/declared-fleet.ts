import { existsSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Agents, openFleet, type ReaderOptions } from '../adapters/agent/contact.ts'
import { readAgentConfig } from '../adapters/files/agent-file.ts'
import { readFleet } from '../adapters/files/fleet-file.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createPrograms } from '../adapters/system/exec.ts'
import type { AgentConfig } from '../domain/agent-config.ts'
import { Fleet, Name } from '../domain/fleet.ts'
import { UsageError } from './errors.ts'
import { tiercelVersion } from '../version.ts'

const agentFile = '/etc/tiercel/agent.yaml'
const defaultFleetFiles = ['tiercel.yaml', '/etc/tiercel/tiercel.yaml']

/**
 * The fleet file that was asked for: `--fleet`, then TIERCEL_FLEET, then ./tiercel.yaml, then /etc/tiercel/tiercel.yaml;
 * undefined when there is none, which means this machine alone.
 */
export function fleetFile(option: string | undefined): string | undefined {
  const named = option ?? process.env['TIERCEL_FLEET']
  if (named !== undefined && named !== '') return named
  const found = defaultFleetFiles.find((path) => existsSync(path))
  if (found !== undefined) refuseForeign(found)
  return found
}

/** A fleet file names programs to run (an ssh_config can): one that lies about in /tmp is not ours because we stand there. */
function refuseForeign(path: string): void {
  const { uid, mode } = statSync(path)
  const isOurs = uid === 0 || uid === process.getuid?.()
  if (isOurs && (mode & 0o002) === 0) return
  throw new UsageError(
    `${path} was found here, but ${isOurs ? 'everybody may write it' : 'it is another user’s'}; if it is meant: --fleet ${path}`,
  )
}

/** The fleet as files declare it; nothing is contacted. */
export interface DeclaredFleet {
  fleet: Fleet
  /** The fleet file; undefined where there is none, which means this machine alone. */
  file: string | undefined
  /** What this machine says of itself, where it is looked at without an agent. */
  local: AgentConfig | undefined
}

export async function declaredFleet(option: string | undefined): Promise<DeclaredFleet> {
  const file = fleetFile(option)
  const declared = file === undefined ? undefined : await readFleet(file)
  // What this machine says of itself counts where it is looked at, and can be wrong without harm where it is not.
  const isLocal = declared === undefined || declared.hosts.some(({ address }) => address === 'local')
  const local = isLocal && existsSync(agentFile) ? await readAgentConfig(agentFile) : undefined
  return { fleet: declared ?? thisMachine(local), file, local }
}

/** The agents of a fleet, and this machine itself where it is declared as local. */
export function openReader(
  { fleet, local }: Pick<DeclaredFleet, 'fleet' | 'local'>,
  how: Pick<ReaderOptions, 'withPlacements'> = {},
): Agents {
  return openFleet(fleet, {
    ...how,
    clock: systemClock,
    exec: createPrograms().exec,
    tiercelVersion,
    localStores: local?.stores,
    command: [process.execPath, join(import.meta.dirname, '../main.ts')],
  })
}

/** Without a fleet file: this machine, with the stores of its own agent file, and default thresholds for their tiers. */
function thisMachine(local: AgentConfig | undefined): Fleet {
  const stores = local?.stores ?? []
  const name = local?.host ?? Name.safeParse(hostname().split('.')[0]).data ?? 'localhost'
  return Fleet.parse({
    apiVersion: 1,
    clusters: unique(stores.map(({ cluster }) => cluster)),
    tiers: unique(stores.map(({ tier }) => tier)),
    hosts: [{ name, address: 'local', stores: stores.map(({ units: _local, ...store }) => store) }],
  })
}

const unique = (names: readonly string[]): { name: string }[] => [...new Set(names)].map((name) => ({ name }))
