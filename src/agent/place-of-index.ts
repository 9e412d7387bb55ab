import { readFileSync } from 'node:fs'
import { NotPermitted } from '../domain/errors.ts'
import type { LocalStore } from '../domain/fleet.ts'

/**
 * Throws where a folder lies on a pool that holds a store: while such a pool is suspended, whoever touches it waits in the
 * kernel, and the agent would say nothing any more just when it is needed. `mounts`: the text of /proc/self/mountinfo.
 */
export function refusePlace(
  folder: string,
  stores: readonly Pick<LocalStore, 'pool'>[],
  what: 'pinIndex' | 'operations' = 'pinIndex',
  mounts: string = readFileSync('/proc/self/mountinfo', 'utf8'),
): void {
  const pool = poolUnder(folder, mounts)
  if (pool === undefined || !stores.some((store) => store.pool === pool)) return
  throw new NotPermitted(
    `${what === 'pinIndex' ? 'the pin index' : 'the log of operations'} would lie on pool ${pool}, which holds a store: ${folder}`,
    `name a folder on another file system in /etc/tiercel/agent.yaml, under ${what}.folder, and restart the agent`,
  )
}

/** The pool that a path lies on; undefined where that is no ZFS (proc_pid_mountinfo(5)). */
function poolUnder(path: string, mounts: string): string | undefined {
  let best = { point: '', pool: undefined as string | undefined } // "as": what comes later
  for (const line of mounts.split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const point = unescaped(before.split(' ')[4] ?? '')
    const [type, source = ''] = after.split(' ')
    const isUnder = point !== '' && (path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`))
    // Of two mounts at one point, the later covers the earlier.
    if (isUnder && point.length >= best.point.length) {
      best = { point, pool: type === 'zfs' ? unescaped(source).split('/')[0] : undefined }
    }
  }
  return best.pool
}

/** Blanks and the like stand there as octal numbers. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
