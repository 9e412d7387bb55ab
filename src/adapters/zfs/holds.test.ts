import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { holdsArgs, parseHolds } from './holds.ts'
import { recorded } from './testing.ts'

test.each([
  ['2.1.11', 'N.holds', '-H', Date.UTC(2026, 10, 23, 2, 48)],
  ['2.3.2', 'N.holds-p', '-Hp', 1_795_404_031_000],
  // What an administrator types; read too.
  ['2.3.2', 'N.holds', '-Hp', Date.UTC(2026, 10, 23, 3, 20)],
])('reads the tags of %s (%s), asked for as it understands', (version, run, flags, at) => {
  expect(holdsArgs(version, ['n/b@s1'])).toEqual(['holds', flags, 'n/b@s1'])
  expect(parseHolds(recorded(version, run).stdout)).toEqual([{ snapshot: 'n/b@s1', tag: 'keep', at }])
})

test('2.1 refuses the flag by which others print seconds', () => {
  expect(recorded('2.1.11', 'N.holds-p')).toMatchObject({ exit: 2, stderr: expect.stringContaining("option 'p'") })
})

test('tags come sorted, whatever order zfs prints; they may hold blanks', () => {
  const text = 'p@b\tz\t3\np@a\tof a person\t1\np@a\t-r\t2\n'
  expect(parseHolds(text).map(({ snapshot, tag }) => [snapshot, tag])).toEqual([
    ['p@a', '-r'],
    ['p@a', 'of a person'],
    ['p@b', 'z'],
  ])
})

test('a date with one digit is filled up with blanks', () => {
  expect(parseHolds('p@a\tt\tMon Nov  2  3:07 2026\n')).toMatchObject([{ at: Date.UTC(2026, 10, 2, 3, 7) }])
})

test.each(['p@a\tt\tyesterday\n', 'p@a\tt\t\n', 'p@a\tt\n', 'p@a\tt\tx\t1\n'])('refuses %j', (text) => {
  expect(() => parseHolds(text)).toThrow(UnexpectedOutput)
})
