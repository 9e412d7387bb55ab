import type { Fleet, HostDeclaration, LocalStore } from '../../domain/fleet.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import type { Logs } from '../../domain/ports/logs.ts'
import { localLogs } from '../logs/local-logs.ts'
import type { Exec } from '../system/exec.ts'
import { socketLogs, sshLogs } from './agent-logs.ts'
import { followAgain } from './follow-again.ts'

/** The logs of one host of the fleet: by its agent, or of this machine, with the rights of this process. */
export function logsOfHost(
  { address, token, stores: declared }: HostDeclaration,
  fleet: Fleet,
  options: {
    clock: Clock
    exec: Exec
    localStores?: readonly LocalStore[] | undefined
    journalctl: string
  },
): Logs {
  const { clock, exec, journalctl, localStores } = options
  if (address === 'local') {
    const stores = localStores ?? declared.map(({ peer: _expected, ...store }) => store)
    return localLogs({ stores, clock, exec, executor: undefined, isRoot: process.getuid?.() === 0, journalctl })
  }
  const logs = address.startsWith('unix:')
    ? socketLogs(address.slice('unix:'.length), token)
    : sshLogs({ address, config: fleet.ssh.config })
  return followAgain(logs, clock)
}
