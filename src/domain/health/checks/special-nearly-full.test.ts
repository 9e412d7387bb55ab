import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import type { VdevSpace } from '../../pool.ts'
import { Bytes } from '../../units.ts'
import { specialNearlyFull } from './special-nearly-full.ts'

function found(name: string, vdevClass: VdevSpace['class'], allocated: number) {
  const { view, n1 } = bench()
  const [size, free] = [Bytes.parse(1000), Bytes.parse(1000 - allocated)]
  const vdev = { name, class: vdevClass, size, allocated: Bytes.parse(allocated), free, fragmentation: null }
  for (const pool of n1.zfs.pools.last?.value ?? []) pool.vdevs = [vdev]
  return specialNearlyFull.find(view)
}

test.each([
  [699, undefined],
  [700, 'warning'],
  [750, 'critical'],
])('%d of 1000 is %s', (allocated, severity) => {
  expect(found('mirror-2', 'special', allocated).map((finding) => finding.severity)).toEqual(
    severity === undefined ? [] : [severity],
  )
})

test('names the vdev, and counts dedup as special, but neither data nor log', () => {
  expect(found('mirror-3', 'dedup', 800)).toMatchObject([
    {
      subject: 'n1/hot-tier/mirror-3',
      summary: 'The dedup vdev mirror-3 of pool hot-tier on n1 is 80 % full.',
    },
  ])
  expect(found('mirror-0', 'data', 950)).toEqual([])
  expect(found('mirror-1', 'log', 950)).toEqual([])
})
