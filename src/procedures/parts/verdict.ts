import { explain } from '../../domain/errors.ts'
import type { Preflight } from '../../engine/procedure.ts'

/** What is said of one thing that must hold. */
export type Verdict = Omit<Preflight, 'title'>

/** One thing that must hold, with what was seen of it. */
export type Line = [title: string, verdict: Verdict]

export const holds = (says: string): Verdict => ({ verdict: 'holds', says })
export const objection = (says: string): Verdict => ({ verdict: 'objection', says })
export const unknown = (says: string): Verdict => ({ verdict: 'unknown', says })

export const asPreflight = (lines: readonly Line[]): Preflight[] =>
  lines.map(([title, verdict]) => ({ title, ...verdict }))

/** Judges what a look gives; what cannot be seen is unknown, with the reason. */
export async function judged<T>(look: Promise<T>, judge: (seen: T) => Verdict): Promise<Verdict> {
  try {
    return judge(await look)
  } catch (error) {
    return unknown(`it cannot be seen: ${explain(error)}`)
  }
}
