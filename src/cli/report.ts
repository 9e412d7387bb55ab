import { explain } from '../domain/errors.ts'
import type { Health } from '../domain/health/judge.ts'
import { type EndedMute, type MuteBook, emptyMuteBook } from '../domain/health/mute.ts'
import { type Report, withMutes } from '../domain/health/report.ts'
import type { Mutes } from '../domain/ports/mutes.ts'
import { age, days, type Instant } from '../domain/units.ts'

/** For how long each report says that a mute has ended. */
const tellEnded = days(1)

/** Health with mutes honoured, and the mutes brought up to what was found. Mutes that cannot be read mute nothing. */
export async function reportOn(health: Health, mutes: Mutes): Promise<Report> {
  const warnings: string[] = []
  let book: MuteBook = emptyMuteBook
  try {
    book = await mutes.read()
  } catch (error) {
    warnings.push(`no mute is honoured: ${explain(error)}`)
  }
  const { report, changes } = withMutes(health, book.mutes)
  if (changes.length > 0) {
    try {
      book = await mutes.record(changes)
    } catch (error) {
      warnings.push(`what has become of the mutes is not kept: ${explain(error)}`)
    }
  }
  return {
    ...report,
    ended: lately(book.ended, health.at),
    warnings: [...warnings, ...(report.warnings ?? [])],
  }
}

const lately = (ended: readonly EndedMute[], now: Instant): EndedMute[] =>
  ended.filter(({ endedAt, because }) => because !== 'unmuted' && age(endedAt, now) <= tellEnded)
