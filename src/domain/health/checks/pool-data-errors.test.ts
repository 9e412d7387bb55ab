import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
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
