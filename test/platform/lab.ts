import { describe, expect } from 'vitest'
import { openFleet } from '../../src/adapters/agent/contact.ts'
import { readFleet } from '../../src/adapters/files/fleet-file.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { createPrograms } from '../../src/adapters/system/exec.ts'
import type { Finding } from '../../src/domain/health/finding.ts'
import { judge } from '../../src/domain/health/judge.ts'
import type { FleetView } from '../../src/domain/health/view.ts'
import { DurationText } from '../../src/domain/text-units.ts'
import { seconds } from '../../src/domain/units.ts'
import { gatingGuests } from '../../lab/images.ts'
import { Lab } from '../../lab/open-lab.ts'

/** The lab that `npm run lab -- up` started. A test without it fails: it is not skipped. */
export const lab = new Lab()

/** The guests whose OpenZFS versions gate. One that is not up fails its tests. */
export const gating = gatingGuests

/**
 * Tests one after the other, beside those of the neighbours that were declared so too, for most of each is waiting. A command
 * takes seconds where the machine has no KVM and other work.
 */
export function sideBySide(title: string, tests: () => void): void {
  describe(`side by side: ${title}`, { concurrent: true, timeout: 600_000 }, () => {
    describe('in turn', { concurrent: false }, () => {
      tests()
    })
  })
}

/** Tests of a guest, in their order; those of all guests go on side by side. */
export function onEachGuest(title: string, tests: (guest: string) => void): void {
  for (const guest of gating) {
    sideBySide(`${title}, on ${guest}`, () => {
      tests(guest)
    })
  }
}

/** Looks at the lab's fleet again and again, over kept connections, as `tiercel health --watch` does. */
export async function openLabFleet(
  settings: { scrubOverdueAfter?: string; pinsetDivergedAfter?: string } = {},
): Promise<{
  look(): Promise<FleetView>
  /** Looks until the findings satisfy `wanted`; gives them, and the seconds it took. Fails after `withinSeconds`. */
  until(
    title: string,
    wanted: (found: readonly Finding[]) => boolean,
    withinSeconds: number,
  ): Promise<{ found: Finding[]; took: number }>
  close(): Promise<void>
}> {
  const declared = await readFleet(lab.state.fleetFile)
  const { scrubOverdueAfter, pinsetDivergedAfter } = settings
  if (scrubOverdueAfter !== undefined) declared.checks.scrubOverdue.after = DurationText.parse(scrubOverdueAfter)
  if (pinsetDivergedAfter !== undefined) declared.checks.pinsetDiverged.after = DurationText.parse(pinsetDivergedAfter)
  const reader = openFleet(declared, {
    clock: systemClock,
    exec: createPrograms().exec,
    tiercelVersion: 'test',
    command: [process.execPath, new URL('../../src/main.ts', import.meta.url).pathname],
    deadline: seconds(20),
  })
  return {
    look: () => reader.look(),
    async until(title, wanted, withinSeconds) {
      const startedAt = performance.now()
      let found: Finding[] = []
      for (;;) {
        found = judge(await reader.look()).findings
        const took = (performance.now() - startedAt) / 1000
        if (wanted(found)) return { found, took }
        if (took > withinSeconds) {
          expect.fail(
            `${title}: not so after ${took.toFixed(1)} s; health says: ${codes(found).join(', ') || 'nothing is wrong'}`,
          )
        }
        await new Promise((resolve) => {
          setTimeout(resolve, 500)
        })
      }
    },
    close: () => reader.close(),
  }
}

/** `CODE subject` of everything that is wrong. */
export const codes = (found: readonly Finding[]): string[] =>
  found
    .filter(({ severity }) => severity !== 'ok' && severity !== 'info')
    .map(({ code, subject }) => `${code} ${subject}`)

export function has(found: readonly Finding[], code: string, subject: RegExp): boolean {
  return found.some(
    (finding) =>
      new RegExp(`^${code}$`).test(finding.code) && subject.test(finding.subject) && finding.severity !== 'ok',
  )
}
