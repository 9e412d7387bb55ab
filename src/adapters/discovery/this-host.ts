import { hostname } from 'node:os'
import type { HostDiscovery } from '../../domain/init/discovery.ts'
import type { Exec } from '../system/exec.ts'
import { discoverHost } from './discover-host.ts'
import { systemProc } from './proc.ts'

/** What the machine has that this process runs on. */
export async function discoverThisHost(exec: Exec, tiercelVersion: string): Promise<HostDiscovery> {
  return discoverHost({
    host: hostname().split('.')[0] ?? 'host',
    tiercelVersion,
    exec,
    proc: systemProc,
    isRoot: process.getuid?.() === 0,
  })
}
