import { describe, expect, test } from 'vitest'
import { figure, placement } from '../../../test/builders/placement.ts'
import type { Assessment } from './assessment.ts'
import { defaultPolicy, judgeStop } from './verdict.ts'

const restart = defaultPolicy('restart')
const loss = defaultPolicy('loss')
const known = { isAssumed: false, unseen: [] as string[] }
const judged = (change: (assessed: Assessment) => void, policy = restart, how = known) =>
  judgeStop(policy, [placement(change)], how).verdict

const incomplete = ({ levels }: Assessment) => void (levels.complete.fallsShort = figure(1))

describe('restart', () => {
  test('holds where every pin keeps a copy', () => {
    expect(judged(() => undefined)).toBe('ok')
    // Below the minimum for a while is what a restart is.
    expect(judged(({ levels }) => void (levels.pinned.fallsBelowMinimum = figure(9)))).toBe('ok')
  })

  test('does not where one does not; where one may not, it is not known', () => {
    expect(judged(({ levels }) => void (levels.pinned.fallsShort = figure(1, 5)))).toBe('no')
    expect(judged(({ levels }) => void (levels.pinned.fallsShort = figure(0, 5)))).toBe('unknown')
  })

  test('looks at the level that is asked for', () => {
    expect(judged(incomplete)).toBe('ok')
    expect(judged(incomplete, { ...restart, level: 'complete' })).toBe('no')
  })
})

const bare = (atLeast: number, atMost: number) => (assessed: Assessment) => {
  assessed.levels.complete.fallsToNone = figure(atLeast, atMost)
}

describe('loss', () => {
  test('needs the promise, and a complete copy', () => {
    expect(judged(() => undefined, loss)).toBe('ok')
    expect(judged(({ levels }) => void (levels.pinned.fallsShort = figure(1)), loss)).toBe('no')
    expect(judged(bare(1, 1), loss)).toBe('no')
  })

  test('with copies that were not walked is not known, unless the word of the lists is taken', () => {
    expect(judged(bare(0, 9), loss)).toBe('unknown')
    expect(judged(bare(0, 9), { ...loss, level: 'pinned' })).toBe('ok')
  })
})

test('a cluster that nobody could be asked about is not known', () => {
  const silent = { state: 'unknown', cluster: 'main', reason: 'nobody answers' } as const
  expect(judgeStop(restart, [silent], known)).toMatchObject({
    verdict: 'unknown',
    reasons: ['cluster main: nobody answers'],
  })
})

test('where more may be concerned than anybody knows, yes is not known, and no stays no', () => {
  const unseen = { ...known, unseen: ['n1 does not answer'] }
  expect(judgeStop(restart, [], unseen)).toMatchObject({ verdict: 'unknown', reasons: ['n1 does not answer'] })
  expect(judged(() => undefined, restart, unseen)).toBe('unknown')
  expect(judged(({ levels }) => void (levels.pinned.fallsShort = figure(1)), restart, unseen)).toBe('no')
})

test('where more was assumed to be gone than is known, no is not known, and yes is yes', () => {
  const assumed = { ...known, isAssumed: true }
  expect(judged(({ levels }) => void (levels.pinned.fallsShort = figure(1)), restart, assumed)).toBe('unknown')
  expect(judged(() => undefined, restart, assumed)).toBe('ok')
})

const others = (differing?: (assessed: Assessment) => void) =>
  judgeStop(
    restart,
    [
      {
        ...placement(),
        others: 1,
        ...(differing === undefined ? {} : { differing: placement(differing).assessment }),
      },
    ],
    known,
  )

describe('peers with another pinset', () => {
  test('make it not known, until the pins that differ were looked into', () => {
    expect(others()).toMatchObject({ verdict: 'unknown', reasons: [expect.stringContaining('another pinset')] })
    expect(others(() => undefined).verdict).toBe('ok')
  })

  test('what one of them would lose is possible, and not certain', () => {
    const told = others(({ levels }) => void (levels.pinned.fallsShort = figure(1)))
    expect(told).toMatchObject({ verdict: 'unknown', short: { atLeast: 0, atMost: 1 } })
  })
})
