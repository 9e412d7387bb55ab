import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { zfsModuleMismatch } from './zfs-module-mismatch.ts'

function found(userland: string, module: string | null) {
  const { view, n1 } = bench()
  if (n1.zfs.version.last !== null) Object.assign(n1.zfs.version.last.value, { userland, module })
  return zfsModuleMismatch.find(view)
}

test.each([
  ['2.3.2', '2.1.11'],
  ['2.3.2-2~bpo12+2', '2.3.1-1'],
  ['2.4.0-rc2-1', '2.4.0-rc1-1'],
])('programs %s with module %s', (userland, module) => {
  expect(found(userland, module)).toMatchObject([
    { severity: 'warning', subject: 'n1', summary: expect.stringContaining(module) },
  ])
})

test.each([
  ['2.1.11-1+deb12u1', '2.1.11-1+deb12u1'],
  // Ubuntu raises the revision of the package of programs alone.
  ['2.2.2-0ubuntu9.4', '2.2.2-0ubuntu9'],
  ['2.3.2', null],
])('programs %s with module %s are well, or told elsewhere', (userland, module) => {
  expect(found(userland, module)).toEqual([])
})
