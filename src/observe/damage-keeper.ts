import { type DamageMemory, joinDamage, noDamage, rememberDamage } from '../domain/damage-memory.ts'
import { explain } from '../domain/errors.ts'
import type { PoolStatus } from '../domain/pool-status.ts'
import type { DamageNotes } from '../domain/ports/damage-notes.ts'
import type { Instant } from '../domain/units.ts'

/** Keeps what the pools of a host have listed as damaged; with notes, also over a restart of its process. */
export interface DamageKeeper {
  /** The statuses of a look that began then, with what they do not list any more and nobody has read since. */
  note(statuses: readonly PoolStatus[], lookedAt: Instant): Promise<PoolStatus[]>
}

export function damageKeeper(notes: DamageNotes | undefined): DamageKeeper {
  let memory = noDamage
  /** Before that, notes that are there would be written over. */
  let isRead = notes === undefined
  let written = ''
  let writing = false

  const write = (signature: string, kept: DamageMemory): void => {
    // A look does not wait for the disk, and a full one does not spoil it: the next look writes again.
    if (notes === undefined || !isRead || writing || signature === written) return
    writing = true
    notes
      .write(kept)
      .then(() => (written = signature))
      .catch(() => undefined)
      .finally(() => (writing = false))
  }

  /** Why what was noted before is not known; it is read again with each look. */
  const readNotes = async (): Promise<string | undefined> => {
    if (notes === undefined || isRead) return undefined
    try {
      const found = (await notes.read()) ?? noDamage
      written = signatureOf(found, [])
      memory = joinDamage(found, memory)
      isRead = true
      return undefined
    } catch (error) {
      return explain(error)
    }
  }

  return {
    async note(statuses, lookedAt) {
      const forgotten = await readNotes()
      const noted = rememberDamage(memory, statuses, lookedAt)
      memory = noted.memory
      write(signatureOf(memory, statuses), memory)
      return forgotten === undefined ? noted.statuses : noted.statuses.map((status) => notAllKnown(status, forgotten))
    },
  }
}

/** An empty list tells nothing where it is not known what was on it before. */
function notAllKnown(status: PoolStatus, forgotten: string): PoolStatus {
  const { dataErrors } = status
  return {
    ...status,
    dataErrors: { ...dataErrors, count: dataErrors.count === 0 ? null : dataErrors.count, forgotten },
  }
}

/**
 * What makes the notes worth writing: other files, or another scan. When something was last listed changes with every
 * look; written with each scan, it is never older than a scan that has ended since.
 */
function signatureOf({ pools }: DamageMemory, statuses: readonly PoolStatus[]): string {
  const damaged = Object.entries(pools).map(([key, { files, unnamed }]) => {
    const status = statuses.find(({ guid, name }) => (guid ?? name) === key)
    const scans = [...(status?.scans ?? []), ...(status?.olderScans ?? [])]
    return [
      key,
      Object.keys(files),
      unnamed?.count,
      scans.map(({ kind, startedAt, endedAt }) => [kind, startedAt, endedAt]),
    ]
  })
  return JSON.stringify(damaged)
}
