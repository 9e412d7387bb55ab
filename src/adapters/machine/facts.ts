import { readFileSync } from 'node:fs'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { MachineFacts } from '../../domain/machine.ts'
import { Bytes, Instant } from '../../domain/units.ts'

/** Reads a file of /proc; synchronous, since /proc never blocks and an asynchronous read could queue behind one that does. */
export type ReadProc = (path: string) => string

const readProc: ReadProc = (path) => readFileSync(path, 'utf8')

/** What /proc says of this machine. */
export function readMachineFacts(read: ReadProc = readProc): MachineFacts {
  return {
    kernel: read('/proc/sys/kernel/osrelease').trim(),
    bootedAt: bootedAt(read('/proc/stat')),
    userNamespaces: userNamespaces(read),
    memory: memory(read('/proc/meminfo')),
  }
}

/** proc(5): `btime`, seconds since 1970. */
function bootedAt(stat: string): Instant {
  const seconds = /^btime (\d+)$/m.exec(stat)?.[1]
  if (seconds === undefined) throw new UnexpectedOutput('/proc/stat has no btime', stat)
  return Instant.parse(Number(seconds) * 1000)
}

/** proc(5): the values are in KiB, whatever they are labelled. */
function memory(meminfo: string): MachineFacts['memory'] {
  const of = (key: string): Bytes => {
    const kib = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1]
    if (kib === undefined) throw new UnexpectedOutput(`/proc/meminfo has no ${key}`, meminfo)
    return Bytes.parse(Number(kib) * 1024)
  }
  return { total: of('MemTotal'), available: of('MemAvailable') }
}

/**
 * user_namespaces(7), and what distributions add: Debian's and Ubuntu's switch, and AppArmor's on Ubuntu from 23.10 on. What is
 * absent forbids nothing.
 */
function userNamespaces(read: ReadProc): boolean | null {
  const setting = (name: string): string | undefined => {
    try {
      return read(`/proc/sys/${name}`).trim()
    } catch {
      return undefined
    }
  }
  const most = setting('user/max_user_namespaces')
  if (most === undefined) return null
  return (
    most !== '0' &&
    setting('kernel/unprivileged_userns_clone') !== '0' &&
    setting('kernel/apparmor_restrict_unprivileged_userns') !== '1'
  )
}
