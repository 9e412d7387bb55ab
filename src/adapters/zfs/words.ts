import { z } from 'zod'
import { VdevState, type VdevKind } from '../../domain/pool-status.ts'

/** Says why a text is not read; pool-status.ts turns it into `UnexpectedOutput` with the whole text. */
export class NotUnderstood extends Error {
  override readonly name = 'NotUnderstood'
}

/** Why something was not understood, in one line. */
export function whyUnread(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues
    return issue === undefined ? 'an unknown shape' : `${issue.path.join('.')}: ${issue.message}`
  }
  return error instanceof Error ? error.message : String(error)
}

/** Every word that `zpool status` can print in the STATE column (`zpool_state_to_name`, and the spares' own two). */
export const vdevStates: readonly string[] = VdevState.options

const badStates = ['DEGRADED', 'FAULTED', 'OFFLINE', 'REMOVED', 'UNAVAIL', 'SUSPENDED', 'SPLIT', 'UNKNOWN']
const badState = new RegExp(`\\b(?:${badStates.join('|')})\\b`)

/**
 * The first state other than well in a line of prose. OpenZFS prints these words in capitals nowhere but as states: seen
 * elsewhere, something in the text is not where we think it is.
 */
export const badStateInProse = (line: string): string | undefined => badState.exec(line)?.[0]

/** The same for the cells of a row, where it must stand alone between blanks: a name may have it as a part. */
export const badStateInCells = (cells: string): string | undefined =>
  cells.split(' ').find((word) => badStates.includes(word))

/** What a vdev is, by the name that `zpool status` gives it: `mirror-0`, `draid2:4d:9c:1s-0`, `sda`, `/f/d0`, a guid. */
export function kindByName(name: string): VdevKind {
  // Releases before 0.6 print `mirror` and `replacing` without a number.
  if (/^mirror(-\d+)?$/.test(name)) return 'mirror'
  if (/^raidz[123]?(-\d+)?$/.test(name)) return 'raidz'
  if (/^draid[123]?(:\d+[dcsw])*(-\d+)?$/.test(name)) return 'draid'
  if (/^replacing(-\d+)?$/.test(name)) return 'replacing'
  if (/^spare(-\d+)?$/.test(name)) return 'spare'
  if (/^draid[123]-\d+-\d+$/.test(name)) return 'draid-spare'
  if (/^indirect(-\d+)?$/.test(name)) return 'indirect'
  if (isGuid(name)) return 'unknown'
  return name.startsWith('/') && !name.startsWith('/dev/') ? 'file' : 'disk'
}

/** An absent disk, and everything under `zpool status -g`, is named by its guid. A disk's own name is never so long a number. */
export const isGuid = (name: string): boolean => /^\d{6,20}$/.test(name)

/** `One or more devices …\n\tSufficient …` on one line. */
export function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ')
}

/** Without the fields that are undefined, so that what is not told is not there. */
export function compact<T extends object>(value: T): T {
  const copy = { ...value }
  for (const [key, field] of Object.entries(copy)) if (field === undefined) Reflect.deleteProperty(copy, key)
  return copy
}
