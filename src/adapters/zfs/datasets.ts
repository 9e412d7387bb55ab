import { Dataset } from '../../domain/dataset.ts'
import { datasetKeeper, type DatasetList } from '../../domain/dataset-list.ts'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { lineSplitter } from '../http/split-lines.ts'
import type { Exec } from '../system/exec.ts'
import { Pieces, partOf } from '../../domain/read-in-part.ts'
import { accept, readRows, rowOf, whole, wholeOrNull } from './table.ts'
import { running } from './zfs-failures.ts'

const columns = [
  'name',
  'guid',
  'type',
  'used',
  'available',
  'referenced',
  'usedbysnapshots',
  'quota',
  'refquota',
  'mountpoint',
  'mounted',
  'canmount',
  'keystatus',
  'encryptionroot',
] as const

/** One command for 2.1 to 2.4. Snapshots and bookmarks, which can be very many, are left out. */
export const datasetListArgs: readonly string[] = ['list', '-Hp', '-t', 'filesystem,volume', '-o', columns.join(',')]

/** The file systems and volumes that matter to the stores whose datasets are named, and how many there are. */
export async function listDatasets(
  exec: Exec,
  ofStores: readonly string[],
  signal?: AbortSignal,
): Promise<DatasetList> {
  const keeper = datasetKeeper(ofStores)
  const { conclude } = await partOf(eachDataset(exec, (dataset) => keeper.add(dataset), signal))
  return conclude(keeper.list())
}

/**
 * Every file system and volume, line by line, so that a host with very many takes no more memory. Those of a suspended
 * pool are silently missing, with exit 0 (measured on 2.1.11 and 2.3.2): absence is no proof that a dataset is gone.
 */
export async function eachDataset(exec: Exec, take: (dataset: Dataset) => void, signal?: AbortSignal): Promise<void> {
  const lines = lineSplitter({ lineBytes: maxLineBytes })
  const pieces = new Pieces('row')
  const read = (chunk: Uint8Array) => {
    for (const line of lines.push(chunk)) pieces.take(line, () => take(datasetOf(rowOf(line, columns))))
  }
  const kept = await running(exec, 'zfs', datasetListArgs, signal, read)
  read(Buffer.from(kept))
  const rest = lines.rest()
  if (rest !== '') throw new UnexpectedOutput('zfs list ended in the middle of a line', rest)
  pieces.conclude(undefined)
}

/** A name has at most 255 bytes, a mount point 4096 (ZFS_MAX_DATASET_NAME_LEN, ZFS_MAXPROPLEN). */
const maxLineBytes = 64 * 1024

export const parseDatasets = (stdout: string): Dataset[] => readRows(stdout, columns, datasetOf)

/** `-p` prints bytes, and `0` for a quota that is not set; `-` where a property does not exist (volumes). */
function datasetOf(row: Record<(typeof columns)[number], string>): Dataset {
  return accept(
    Dataset,
    {
      name: row.name,
      guid: row.guid,
      type: row.type,
      used: whole(row.used),
      available: whole(row.available),
      referenced: whole(row.referenced),
      usedBySnapshots: whole(row.usedbysnapshots),
      quota: limit(row.quota),
      refquota: limit(row.refquota),
      mountpoint: told(row.mountpoint),
      mounted: row.mounted === '-' ? null : row.mounted === 'yes' ? true : row.mounted === 'no' ? false : row.mounted,
      canmount: told(row.canmount),
      keyStatus: told(row.keystatus),
      encryptionRoot: told(row.encryptionroot),
    },
    row,
  )
}

/** `-` where a property does not exist: mount points of volumes, keys of what is not encrypted. */
const told = (text: string): string | null => (text === '-' ? null : text)

/** 0 is no limit, `none` without `-p` and in other releases. */
function limit(text: string): number | null {
  const bytes = wholeOrNull(text)
  return bytes === 0 ? null : bytes
}
