import type { Installed, Scheduler } from '../../domain/machine.ts'
import type { Exec } from '../system/exec.ts'
import { output } from './find-files.ts'

/** Programs that work on pools or keep snapshots by the clock. */
const programs = 'zpool|zfs|sanoid|syncoid|zrepl|znapzend|pyznap|zfsnap'

/** Lines that name one of them and are no comment. The rest of the line is not looked at: it can hold secrets. */
export const cronArgs: readonly string[] = [
  '-r',
  '-s',
  '-I',
  '-o',
  '-H',
  '-Z',
  '-i',
  '-E',
  `^[^#]*(${programs}).*`,
  '/etc/crontab',
  '/etc/cron.d',
  '/etc/cron.hourly',
  '/etc/cron.daily',
  '/etc/cron.weekly',
  '/etc/cron.monthly',
  '/var/spool/cron/crontabs',
]

/** Patterns of timers, and of the one that runs as a service (systemctl(1): matched against units in memory). */
const timers = [
  'zfs-scrub*.timer',
  'zfs-trim*.timer',
  'zfs-auto-snapshot*.timer',
  'sanoid*.timer',
  'syncoid*.timer',
  'zrepl.service',
  'znapzend.service',
  'pyznap*.timer',
]

export const timerArgs: readonly string[] = ['show', '--no-pager', '--property=Id,ActiveState', '--', ...timers]

export async function readSchedulers(
  { exec, hasSystemd }: { exec: Exec; hasSystemd: boolean },
  signal?: AbortSignal,
): Promise<Installed['schedulers']> {
  const jobs = parseCron(await output(exec, 'grep', cronArgs, signal))
  if (!hasSystemd) return jobs
  return [...jobs, ...parseTimers(await exec('systemctl', timerArgs, { signal }))].slice(0, maxSchedulers)
}

/** `FILE\0TEXT` a line (grep -Z). cron and run-parts skip files whose names have a dot: leftovers of packages. */
export function parseCron(stdout: string): Scheduler[] {
  const found = new Map<string, string[]>()
  for (const line of stdout.split('\n')) {
    const at = line.indexOf('\0')
    const path = line.slice(0, at)
    const file = path.slice(path.lastIndexOf('/') + 1)
    if (at < 0 || !path.startsWith('/') || file.includes('.')) continue
    found.set(path, [...(found.get(path) ?? []), line.slice(at + 1)])
  }
  return [...found].slice(0, maxSchedulers).map(([path, lines]) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    place: path.slice(0, 200),
    does: work(lines.join('\n')),
  }))
}

/** Blocks of `Id=` and `ActiveState=`; units that are not active do nothing. */
export function parseTimers(stdout: string): Scheduler[] {
  return stdout.split(/\n\n+/).flatMap((block) => {
    const id = /^Id=(.+)$/m.exec(block)?.[1]
    if (id === undefined || !/^ActiveState=(active|activating|reloading)$/m.test(block)) return []
    const name = id.replace(/(@.*)?\.(timer|service)$/, '')
    return [{ name, place: id.slice(0, 200), does: work(name) }]
  })
}

/** What a job does, by the words in it. */
function work(text: string): Scheduler['does'] {
  const kinds: [Scheduler['does'][number], RegExp][] = [
    ['scrub', /scrub/i],
    ['trim', /(^|[^a-z])trim/i],
    ['snapshot', /snapshot|sanoid|znapzend|zrepl|pyznap|zfsnap|zfs\s+destroy/i],
    ['replicate', /syncoid|zrepl|znapzend|zfs\s+(send|recv|receive)/i],
  ]
  const does = kinds.filter(([, pattern]) => pattern.test(text)).map(([kind]) => kind)
  return does.length === 0 ? ['other'] : does
}

const maxSchedulers = 50
