import { ownProperties, Snapshot } from '../../domain/snapshot.ts'
import type { Exec } from '../system/exec.ts'
import { accept, rows, whole } from './table.ts'
import { running } from './zfs-failures.ts'

const columns = [
  'name',
  'guid',
  'createtxg',
  'creation',
  'used',
  'referenced',
  'userrefs',
  'defer_destroy',
  ...ownProperties,
] as const

/** One command for 2.1 to 2.4; beyond the name further columns are nearly free, so all are asked for at once. */
export const snapshotListArgs = (dataset: string): string[] => [
  'list',
  '-Hp',
  '-t',
  'snapshot',
  '-d',
  '1',
  '-s',
  'createtxg',
  '-o',
  columns.join(','),
  dataset,
]

/** The snapshots of one dataset, oldest first. */
export async function listSnapshots(exec: Exec, dataset: string, signal?: AbortSignal): Promise<Snapshot[]> {
  return parseSnapshots(await running(exec, 'zfs', snapshotListArgs(dataset), signal))
}

/** `-p` prints bytes, seconds since 1970, and `-` for a property that is not set. */
export function parseSnapshots(stdout: string): Snapshot[] {
  return rows(stdout, columns).map((row) =>
    accept(
      Snapshot,
      {
        name: row.name,
        guid: row.guid,
        createtxg: whole(row.createtxg),
        creation: whole(row.creation) * 1000,
        used: whole(row.used),
        referenced: whole(row.referenced),
        userrefs: whole(row.userrefs),
        isDeferred: row.defer_destroy === 'on' ? true : row.defer_destroy === 'off' ? false : row.defer_destroy,
        properties: Object.fromEntries(
          ownProperties.flatMap((property) => (row[property] === '-' ? [] : [[property, row[property]]])),
        ),
      },
      row,
    ),
  )
}
