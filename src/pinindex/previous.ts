import type { PinException, PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { at, oddPrefix, recordBytes } from './format.ts'
import { type Generation, openGeneration } from './generation.ts'
import type { KeyWriter } from './pin-keys.ts'
import { currentGeneration } from './swap.ts'
import { readWalkLog, withFound } from './walk-log.ts'

/** What a new index takes over from the one before: levels of copies, and since when exceptions last. */
export interface Previous {
  summary: PinsetSummary
  exceptions: PinException[]
  /** The records of one partition, with the prefix numbers of the new index; undefined where levels are not taken over. */
  partition(prefix: number, keys: KeyWriter): Buffer | undefined
  close(): void
}

/** Undefined where there is none, or none that can be read, whatever is wrong with it: then nothing is taken over. */
export function openPrevious(folder: string, { forgetLevels }: { forgetLevels: boolean }): Previous | undefined {
  let opened: Generation | undefined
  try {
    const path = currentGeneration(folder)
    if (path === undefined) return undefined
    const generation = openGeneration(path)
    opened = generation
    const { prefixes, summary } = generation.meta
    const exceptions = withFound(generation.exceptions(), readWalkLog(path))
    const numbers = new Uint8Array(256).fill(oddPrefix)
    let isNumbered = false
    return {
      summary,
      exceptions: forgetLevels ? exceptions.filter(({ kind }) => kind !== 'incomplete') : exceptions,
      partition(prefix, keys) {
        if (forgetLevels) return undefined
        if (!isNumbered) {
          isNumbered = true
          for (const [old, text] of prefixes.entries()) numbers[old] = keys.numberOf(text)
        }
        const records = wholePartition(generation, prefix)
        if (records === undefined) return undefined
        for (let offset = at.prefix; offset < records.length; offset += recordBytes) {
          records[offset] = numbers[records[offset] ?? oddPrefix] ?? oddPrefix
        }
        return records
      },
      close: () => generation.close(),
    }
  } catch {
    opened?.close()
    return undefined
  }
}

/** Undefined where it is not as it was written: then of its pins nothing is taken over. */
function wholePartition(generation: Generation, prefix: number): Buffer | undefined {
  try {
    return generation.partition(prefix)
  } catch {
    return undefined
  }
}
