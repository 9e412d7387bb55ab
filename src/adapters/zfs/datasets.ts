import { Dataset } from '../../domain/dataset.ts'
import type { Exec } from '../system/exec.ts'
import { accept, rows, whole, wholeOrNull } from './table.ts'
import { running } from './zfs-failures.ts'

const columns = [
  'name',
  'guid',
  'type',
  'used',
  'available',
  'referenced',
  'quota',
  'refquota',
  'mountpoint',
  'mounted',
] as const

/** One command for 2.1 to 2.4. Snapshots and bookmarks, which can be very many, are left out. */
export const datasetListArgs: readonly string[] = ['list', '-Hp', '-t', 'filesystem,volume', '-o', columns.join(',')]

/**
 * Every file system and volume. Those of a suspended pool are silently missing, with exit 0 (measured on 2.1.11 and
 * 2.3.2): absence is no proof that a dataset is gone.
 */
export async function listDatasets(exec: Exec, signal?: AbortSignal): Promise<Dataset[]> {
  return parseDatasets(await running(exec, 'zfs', datasetListArgs, signal))
}

/** `-p` prints bytes, and `0` for a quota that is not set; `-` where a property does not exist (volumes). */
export function parseDatasets(stdout: string): Dataset[] {
  return rows(stdout, columns).map((row) =>
    accept(
      Dataset,
      {
        name: row.name,
        guid: row.guid,
        type: row.type,
        used: whole(row.used),
        available: whole(row.available),
        referenced: whole(row.referenced),
        quota: limit(row.quota),
        refquota: limit(row.refquota),
        mountpoint: row.mountpoint === '-' ? null : row.mountpoint,
        mounted: row.mounted === '-' ? null : row.mounted === 'yes' ? true : row.mounted === 'no' ? false : row.mounted,
      },
      row,
    ),
  )
}

/** 0 is no limit, `none` without `-p` and in other releases. */
function limit(text: string): number | null {
  const bytes = wholeOrNull(text)
  return bytes === 0 ? null : bytes
}
