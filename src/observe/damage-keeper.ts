import { type DamageMemory, noDamage, rememberDamage } from '../domain/damage-memory.ts'
import type { PoolStatus } from '../domain/pool-status.ts'
import type { DamageNotes } from '../domain/ports/damage-notes.ts'
import type { Instant } from '../domain/units.ts'

/** Keeps what the pools of a host have listed as damaged; with notes, also over a restart of its process. */
export interface DamageKeeper {
  /** The statuses of a look that began then, with what they do not list any more and nobody has read since. */
  note(statuses: readonly PoolStatus[], lookedAt: Instant): Promise<PoolStatus[]>
}

export function damageKeeper(notes: DamageNotes | undefined): DamageKeeper {
  let memory: DamageMemory | undefined
  let written = ''
  let writing = false

  const write = (signature: string, kept: DamageMemory): void => {
    // A look does not wait for the disk, and a full one does not spoil it: the next look writes again.
    if (notes === undefined || writing || signature === written) return
    writing = true
    notes
      .write(kept)
      .then(() => (written = signature))
      .catch(() => undefined)
      .finally(() => (writing = false))
  }

  return {
    async note(statuses, lookedAt) {
      if (memory === undefined) {
        memory = (await notes?.read().catch(() => undefined)) ?? noDamage
        written = signatureOf(memory, [])
      }
      const noted = rememberDamage(memory, statuses, lookedAt)
      memory = noted.memory
      write(signatureOf(memory, statuses), memory)
      return noted.statuses
    },
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
