import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { summaryOfExceptions } from '../domain/pins/pin-exceptions.ts'
import { maxExceptions, PinException, PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { IndexFailed } from './errors.ts'
import { sealedText, unsealedText } from './sealed-file.ts'
import { isMissing, replaceFile } from './swap.ts'

/** `walk.json` beside the files of a generation: what the walk has found since that was made. The records have it too. */
export const WalkLog = z.object({
  copies: PinsetSummary.shape.copies,
  walk: PinsetSummary.shape.walk,
  /** Copies of which a block is missing, found since. */
  incomplete: z.array(PinException),
  /** CIDs of copies that were found whole after they had been incomplete. */
  mended: z.array(z.string()),
})
export type WalkLog = z.infer<typeof WalkLog>

const pathOf = (generation: string): string => join(generation, 'walk.json')

/** Undefined where nothing was walked since the generation was made. Throws {@link IndexFailed} where it is not as it was written. */
export function readWalkLog(generation: string): WalkLog | undefined {
  const path = pathOf(generation)
  try {
    return WalkLog.parse(JSON.parse(unsealedText(readFileSync(path, 'utf8'))))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw new IndexFailed(`${path} cannot be read`, { cause: error })
  }
}

export const writeWalkLog = (generation: string, log: WalkLog): void =>
  replaceFile(pathOf(generation), sealedText(JSON.stringify(log)))

/** Exceptions with what was found since. */
export function withFound(exceptions: readonly PinException[], log: WalkLog | undefined): PinException[] {
  if (log === undefined) return [...exceptions]
  const found = new Set([...log.mended, ...log.incomplete.map(({ cid }) => cid)])
  return [...exceptions.filter(({ kind, cid }) => kind !== 'incomplete' || !found.has(cid)), ...log.incomplete]
}

/** A summary with what was found since. `exceptions`: those of its generation. */
export function summaryWithFound(
  summary: PinsetSummary,
  log: WalkLog | undefined,
  exceptions: () => readonly PinException[],
): PinsetSummary {
  if (log === undefined) return summary
  const { copies, walk } = log
  if (log.incomplete.length === 0 && log.mended.length === 0) return { ...summary, copies, walk }
  const incomplete = withFound(exceptions(), log).filter(({ kind }) => kind === 'incomplete')
  const { incomplete: _before, ...others } = summary.exceptions
  return {
    ...summary,
    copies,
    walk,
    exceptions: { ...others, ...summaryOfIncomplete(incomplete) },
    unverified: summary.unverified || incomplete.length >= maxExceptions,
  }
}

/** A missing block does not come by itself: the first look tells. */
function summaryOfIncomplete(incomplete: readonly PinException[]): PinsetSummary['exceptions'] {
  const [first] = incomplete
  if (first === undefined) return {}
  const { incomplete: told } = summaryOfExceptions(incomplete, first.since)
  return told === undefined ? {} : { incomplete: { ...told, lasting: told.count } }
}
