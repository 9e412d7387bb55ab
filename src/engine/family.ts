import type { RunRecord } from '../domain/run.ts'
import type { Child } from './procedure.ts'

/** The children of a run as they stand, in memory: read once, and kept by what is told of them. */
export class Family {
  readonly #records = new Map<number, RunRecord>()
  readonly #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** What was told meanwhile is newer than what was read before. */
  add(records: readonly RunRecord[]): void {
    for (const record of records) {
      const known = this.#records.get(record.child ?? -1)
      if (known === undefined || known.version <= record.version) this.#records.set(record.child ?? -1, record)
    }
  }

  told(record: RunRecord): void {
    const before = this.#records.get(record.child ?? -1)?.state
    this.add([record])
    if (record.state !== before) this.#changed()
  }

  /** Those of a phase, in their order, with their keys. */
  of({ children, first }: { children: readonly Child[]; first: number }): Member[] {
    return children.flatMap(({ key }, index) => {
      const record = this.#records.get(first + index)
      return record === undefined ? [] : [{ key, record }]
    })
  }
}

export interface Member {
  key: string
  record: RunRecord
}
