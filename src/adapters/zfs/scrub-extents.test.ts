import { expect, test } from 'vitest'
import type { PoolStatus } from '../../domain/pool-status.ts'
import { days, Instant } from '../../domain/units.ts'
import { parsePoolStatus } from './pool-status.ts'
import { extentFrom, readScanSetups, scanSetupsArgs, scrubExtents } from './scrub-extents.ts'
import { statusFiles } from './testing.ts'

const startedAt = Date.parse('2026-11-28T20:32:43Z')
const setup = (words: string, at = '2026-11-28.20:32:43') => `${at} [txg:140] scan setup ${words}\n`

test.each<[string, string, 'whole' | 'part' | undefined]>([
  ['everything', setup('func=1 mintxg=0 maxtxg=140'), 'whole'],
  ['what is newer than the last scrub (-C)', setup('func=1 mintxg=135 maxtxg=140'), 'part'],
  ['up to a day (-E)', setup('func=1 mintxg=0 maxtxg=4'), 'part'],
  ['a range (-S, -E)', setup('func=1 mintxg=30 maxtxg=60'), 'part'],
  ['a resilver is no scrub', setup('func=2 mintxg=0 maxtxg=140'), undefined],
  ['another scrub', setup('func=1 mintxg=0 maxtxg=140', '2026-11-28.20:31:43'), undefined],
  [
    'two in one second, of which only one was whole',
    setup('func=1 mintxg=0 maxtxg=140') + setup('func=1 mintxg=0 maxtxg=4'),
    undefined,
  ],
  ['nothing', '', undefined],
  ['words that are not known', setup('func=1 mintxg=0 maxtxg=140 flags=3'), undefined],
])('by its history, a scrub was to read %s', (_, setups, extent) => {
  expect(extentFrom(setups, startedAt)).toBe(extent)
})

test('of a history, only the newest setups of scans are kept', async () => {
  const others = `${'2026-11-23.03:09:08 zfs create -o recordsize=1M hot/ipfs\n'.repeat(1000)}History for 'fr':\n`
  const asked: unknown[] = []
  const kept = await readScanSetups(
    async (file, args, options) => {
      asked.push([file, ...args])
      const text = Buffer.from(
        others + setup('func=1 mintxg=0 maxtxg=1').repeat(30) + setup('func=1 mintxg=0 maxtxg=2'),
      )
      for (let at = 0; at < text.length; at += 1000) options?.onStdout?.(text.subarray(at, at + 1000))
      return ''
    },
    'fr',
    {},
  )
  expect(asked).toEqual([['zpool', ...scanSetupsArgs('fr')]])
  expect(kept.split('\n')).toHaveLength(21)
  expect(kept.endsWith(setup('func=1 mintxg=0 maxtxg=2'))).toBe(true)
})

const recorded = (state: string): PoolStatus[] =>
  parsePoolStatus(statusFiles('2.4.4').find(({ file }) => file === `${state}.json`)?.text ?? '', { json: true })
const extents = (statuses: PoolStatus[]) =>
  statuses.flatMap(({ scans }) => scans.map(({ extent, share }) => [extent, share]))

test.each([
  ['scrub-C-done', undefined, undefined],
  ['range-SE-done', undefined, undefined],
  ['data-errors-after-2', undefined, undefined],
  ['scrub-partly-done', 'whole', 1],
  ['rebuild-done-noscrub', undefined, 1],
])('%s of 2.4.4, by its counters alone', (state, extent, share) => {
  expect(extents(recorded(state))).toEqual([[extent, share]])
})

test('a finished scrub in the text of an OpenZFS without JSON was whole; a canceled one was not', () => {
  const text = statusFiles('2.1.11').find(({ file }) => file === 'F.after-scrub.txt')?.text ?? ''
  expect(parsePoolStatus(text, { json: false })[0]?.scans[0]?.extent).toBe('whole')
  const canceled = statusFiles('2.4.4').find(({ file }) => file === 'range-canceled.txt')?.text ?? ''
  expect(parsePoolStatus(canceled, { json: false })[0]?.scans[0]?.extent).toBeUndefined()
})

const setupOf = ([status]: PoolStatus[], words: string): string => {
  const at = new Date(status?.scans[0]?.startedAt ?? 0).toISOString().slice(0, 19).replace('T', '.')
  return setup(words, at)
}

test('the history decides what the counters leave open, and against them; it is read once for each scrub', async () => {
  const asked: string[] = []
  const of = (setups: string) =>
    scrubExtents(async (pool) => {
      asked.push(pool)
      return setups
    })
  const small = recorded('data-errors-after-2')
  const fill = of(setupOf(small, 'func=1 mintxg=0 maxtxg=140'))
  expect(extents(await fill(small))).toEqual([['whole', 1]])
  expect(extents(await fill(small))).toEqual([['whole', 1]])
  expect(asked).toEqual(['pe'])
  const minutes = recorded('range-minutes-done')
  expect(extents(await of(setupOf(minutes, 'func=1 mintxg=9 maxtxg=140'))(minutes))).toEqual([['part', undefined]])

  const later = small.map((status) => ({
    ...status,
    scans: status.scans.map((scan) => ({ ...scan, startedAt: Instant.parse((scan.startedAt ?? 0) + days(1)) })),
  }))
  expect(extents(await fill(later))).toEqual([[undefined, undefined]])
  expect(asked).toEqual(['pe', 'fr', 'pe'])
})

test('a history that cannot be read leaves it open, and is asked again only after many looks', async () => {
  let asked = 0
  const fill = scrubExtents(() => {
    asked += 1
    return Promise.reject(new Error('no executor'))
  })
  const part = recorded('scrub-C-done')
  for (let look = 0; look < 150; look += 1) expect(extents(await fill(part))).toEqual([[undefined, undefined]])
  expect(asked).toBe(2)
})

test.each([
  ['a pool that has stopped', recorded('scrub-C-done').map((status) => ({ ...status, state: 'SUSPENDED' as const }))],
  ['a pool that is being scrubbed', recorded('scrub-partly')],
  ['a pool that was resilvered', recorded('resilver-done')],
])('the history of %s is not asked for', async (_, statuses) => {
  const fill = scrubExtents(() => Promise.reject(new Error('asked')))
  let asked = false
  await scrubExtents(async () => {
    asked = true
    return ''
  })(statuses)
  expect(asked).toBe(false)
  expect(await fill(statuses)).toEqual(statuses)
})
