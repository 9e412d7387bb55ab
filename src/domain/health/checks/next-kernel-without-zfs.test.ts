import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { compareReleases, nextKernelWithoutZfs } from './next-kernel-without-zfs.ts'

/** n1 runs 6.1.0-41-amd64. */
function found(...kernels: [release: string, hasZfs: boolean][]) {
  const { view, n1 } = bench()
  const installed = n1.machine.installed.last?.value
  if (installed !== undefined) installed.kernels = kernels.map(([release, hasZfs]) => ({ release, hasZfs }))
  return nextKernelWithoutZfs.find(view)
}

test('a newer kernel without a module is found', () => {
  expect(found(['6.1.0-41-amd64', true], ['6.1.0-100-amd64', false])).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1',
      summary: 'n1 runs kernel 6.1.0-41-amd64; the next restart takes 6.1.0-100-amd64, which has no ZFS module.',
    },
  ])
})

test.each<[string, [string, boolean][]]>([
  ['a newer kernel with a module', [['6.12.0-1-amd64', true]]],
  ['an older kernel without one', [['6.1.0-9-amd64', false]]],
  ['the running kernel alone', [['6.1.0-41-amd64', false]]],
  [
    'a kernel between, which nobody boots',
    [
      ['6.1.0-42-amd64', false],
      ['6.1.0-43-amd64', true],
    ],
  ],
  ['no kernel known', []],
])('%s is well, or no business of this check', (_, kernels) => {
  expect(found(...kernels)).toEqual([])
})

test('releases are ordered as boot loaders order them', () => {
  const ordered = ['5.10.0-9', '6.1.0-9-amd64', '6.1.0-41-amd64', '6.1.0-41-cloud-amd64', '6.12.0-1-amd64']
  expect(ordered.toReversed().toSorted(compareReleases)).toEqual(ordered)
})
