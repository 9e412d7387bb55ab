import { describe, expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import type { Scan } from '../../pool-status.ts'
import { hours } from '../../units.ts'
import { poolDataErrors } from './pool-data-errors.ts'

test('damaged files are critical, the first ten by name', () => {
  const { view, n1 } = bench()
  n1.status.dataErrors = { count: 12, paths: Array.from({ length: 12 }, (_, index) => `/hot/blocks/${index}.data`) }
  const [found] = poolDataErrors.find(view)
  expect(found).toMatchObject({
    severity: 'critical',
    subject: 'n1/hot-tier',
    summary: 'Pool hot-tier on n1 has 12 damaged files or objects that it cannot repair, such as /hot/blocks/0.data.',
  })
  expect(found?.evidence.filter(({ what }) => what.startsWith('damaged file'))).toHaveLength(10)
})

test('a count without names is critical', () => {
  const { view, n1 } = bench()
  n1.status.dataErrors = { count: 1, paths: [] }
  expect(poolDataErrors.find(view)).toMatchObject([{ severity: 'critical' }])
})

test('says that the list cannot be read, where it ends in the middle', () => {
  const { view, n1 } = bench()
  n1.status.dataErrors = { count: 2, paths: [], isUnlisted: true }
  expect(poolDataErrors.find(view)).toMatchObject([
    { severity: 'critical', summary: expect.stringContaining('The list of damaged files cannot be read.') as string },
  ])
})

test('a list without a count, or the message alone, is critical', () => {
  const { view, n1, n2 } = bench()
  n1.status.dataErrors = { count: null, paths: ['<metadata>:<0x3d>'] }
  n2.status.messageId = 'ZFS-8000-8A'
  expect(poolDataErrors.find(view)).toMatchObject([{ severity: 'critical' }, { severity: 'critical' }])
})

test('a missing line is not "none": it is unknown, and says why', () => {
  const { view, n1, n2 } = bench()
  n1.status.dataErrors.count = null
  n2.status.dataErrors.count = null
  n2.status.state = 'SUSPENDED'
  const found = poolDataErrors.find(view)
  expect(found).toMatchObject([{ severity: 'unknown' }, { severity: 'unknown' }])
  expect(found[0]?.remedy).toContain('executor')
  expect(found[1]?.remedy).toContain('POOL_SUSPENDED')
})

test('an empty list is not "none" where it is not known what was on it before', () => {
  const { view, n1 } = bench()
  n1.status.dataErrors = { count: null, paths: [], forgotten: 'the note damage.json cannot be read: EIO' }
  const [found] = poolDataErrors.find(view)
  expect(found).toMatchObject({ severity: 'unknown', summary: expect.stringContaining('listed before is not known') })
  expect(found?.evidence).toContainEqual(expect.objectContaining({ value: 'the note damage.json cannot be read: EIO' }))
})

test('none is none', () => expect(poolDataErrors.find(bench().view)).toEqual([]))

test('a damaged file of flatfs names the block that it held', () => {
  const { view, n1 } = bench()
  const path = '/hot/ipfs/kubo/blocks/X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data'
  n1.status.dataErrors = { count: 2, paths: ['/hot/notes.txt', path] }
  expect(poolDataErrors.find(view)[0]?.evidence).toContainEqual(
    expect.objectContaining({
      what: 'block in damaged file 2',
      value: 'bafkreiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354',
    }),
  )
})

test('errors are not files: with names, the names are counted; without, it is errors', () => {
  const { view, n1, n2 } = bench()
  n1.status.dataErrors = { count: 42, paths: ['/pe/a', '/pe/ds/b', 'pe/ds@s:/b'] }
  n2.status.dataErrors = { count: 42, paths: [] }
  const found = poolDataErrors.find(view)
  expect(found.map(({ count }) => count)).toEqual([3, 42])
  expect(found[0]?.summary).toContain('has 3 damaged files or objects that it cannot repair, such as /pe/a')
  expect(found[1]?.summary).toContain('has 42 errors in its data that it cannot repair.')
})

test('what was listed and is not any more stays critical until it was read again', () => {
  const { view, n1, n2 } = bench()
  n1.status.dataErrors.unread = { count: 2, paths: ['/hot/a', '/hot/b'], listedAt: before(now, hours(3)) }
  const [found, more] = poolDataErrors.find(view)
  expect(more).toBeUndefined()
  expect(found).toMatchObject({
    severity: 'critical',
    subject: 'n1/hot-tier',
    count: 2,
    summary:
      'Pool hot-tier on n1 listed 2 files or objects as damaged, such as /hot/a, and lists none any more; but nothing has read them again since.',
  })
  expect(found?.evidence).toContainEqual(expect.objectContaining({ what: 'last listed', value: '3 h ago' }))
  expect(found?.evidence).toContainEqual(expect.objectContaining({ what: 'file that was damaged 2', value: '/hot/b' }))
  expect(found?.remedy).toContain('let it end')
  n2.status.dataErrors = { count: 1, paths: ['/x'], unread: { count: 2, paths: ['/a', '/b'], listedAt: now } }
  expect(poolDataErrors.find(view)[1]).toMatchObject({
    count: 3,
    summary: expect.stringContaining('such as /x, and 2 that it does not list any more and nobody has read since.'),
  })
})

describe('an empty list after a scrub that was stopped', () => {
  const canceled: Scan = { kind: 'scrub', state: 'canceled', endedAt: before(now, hours(1)), errors: null }

  test.each<[string, Scan['kind'], Scan['state'], number, number]>([
    ['and a disk with errors, says nothing', 'scrub', 'canceled', 7, 1],
    ['of errors, and a disk with errors, says nothing', 'error-scrub', 'canceled', 7, 1],
    ['and no disk with errors, is empty', 'scrub', 'canceled', 0, 0],
    ['that has ended after all, is empty', 'scrub', 'finished', 7, 0],
    ['which was a resilver, is empty', 'resilver', 'canceled', 7, 0],
  ])('%s', (_, kind, state, checksumErrors, found) => {
    const { view, n1 } = bench()
    n1.status.scans = [{ ...canceled, kind, state }]
    n1.sda.checksumErrors = checksumErrors
    expect(poolDataErrors.find(view).map(({ severity, subject }) => [severity, subject])).toEqual(
      Array.from({ length: found }, () => ['unknown', 'n1/hot-tier']),
    )
  })
})
