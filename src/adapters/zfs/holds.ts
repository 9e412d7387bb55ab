import { Hold } from '../../domain/snapshot.ts'
import type { Exec } from '../system/exec.ts'
import { ctime } from './quantities.ts'
import { accept, rows, whole } from './table.ts'
import { isAtLeast } from './version.ts'
import { running } from './zfs-failures.ts'

/** 2.1 knows no `-p`: `invalid option 'p'` (recorded). */
const printsSeconds = (userland: string): boolean => isAtLeast(userland, [2, 2])

export const holdsArgs = (userland: string, snapshots: readonly string[]): string[] => [
  'holds',
  printsSeconds(userland) ? '-Hp' : '-H',
  ...snapshots,
]

/** The tags of some snapshots, by name and tag: zfs prints them in an order of its own. */
export async function listHolds(
  exec: Exec,
  { userland, snapshots }: { userland: string; snapshots: readonly string[] },
  signal?: AbortSignal,
): Promise<Hold[]> {
  return parseHolds(await running(exec, 'zfs', holdsArgs(userland, snapshots), signal))
}

/** Seconds since 1970 with `-p`; a date without seconds, in the zone that we set, without. */
export function parseHolds(stdout: string): Hold[] {
  return rows(stdout, ['snapshot', 'tag', 'at'])
    .map((row) => accept(Hold, { ...row, at: /^\d+$/.test(row.at) ? whole(row.at) * 1000 : dated(row.at) }, row))
    .toSorted((a, b) => byText(a.snapshot, b.snapshot) || byText(a.tag, b.tag))
}

/** `Mon Nov  2  3:07 2026`: `%e` and `%k` of strftime(3) fill up with blanks. */
const dated = (text: string): number | undefined =>
  ctime(
    text.replace(
      / ( ?\d|\d\d):(\d\d) /,
      (_, hour: string, minute: string) => ` ${hour.trim().padStart(2, '0')}:${minute}:00 `,
    ),
  )

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
