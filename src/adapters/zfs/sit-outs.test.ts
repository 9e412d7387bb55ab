import { expect, test } from 'vitest'
import { disk, group, poolStatus } from '../../../test/builders/pool-status.ts'
import { leaves } from '../../domain/pool-status.ts'
import { sitOutArgs, withSitOuts } from './sit-outs.ts'

/** As 2.4.4 prints it. */
const printed = [
  'root-0\tguid\t13356359860797243721',
  'raidz1-0\tguid\t9604994139992123528',
  'x-warm-0\tguid\t1',
  'x-warm-0\tsit_out\toff',
  'x-warm-1\tguid\t2',
  'x-warm-1\tsit_out\ton',
  '',
].join('\n')

const pool = (kind: 'raidz' | 'mirror', slowIos: number) =>
  poolStatus('warm', [
    group('top-0', kind, [
      disk('/dev/disk/by-id/x-warm-0-part1', { guid: '1', slowIos: 0 }),
      disk('/dev/disk/by-id/x-warm-1-part1', { guid: '2', slowIos }),
    ]),
  ])

test('marks a disk that sits out, and no other', async () => {
  const asked: unknown[] = []
  const [status] = await withSitOuts(
    async (file, args) => {
      asked.push([file, ...args])
      return printed
    },
    '2.4.4-1~bpo13+1',
    [pool('raidz', 1)],
  )
  expect(asked).toEqual([['zpool', ...sitOutArgs('warm')]])
  expect(leaves(status?.vdevs.data ?? []).map(({ sitsOut }) => sitsOut)).toEqual([undefined, true])
})

test.each([
  ['releases that know no sit-outs', '2.3.9', pool('raidz', 1)],
  ['a mirror', '2.4.4', pool('mirror', 1)],
  ['a raidz without slow I/Os', '2.4.4', pool('raidz', 0)],
  ['a pool that has stopped', '2.4.4', { ...pool('raidz', 1), state: 'SUSPENDED' as const }],
])('%s are not asked', async (_, version, status) => {
  let asked = false
  const exec = async () => {
    asked = true
    return printed
  }
  expect(await withSitOuts(exec, version, [status])).toEqual([status])
  expect(asked).toBe(false)
})

test('where it cannot be read, the status stays as it is', async () => {
  const status = pool('raidz', 1)
  expect(await withSitOuts(() => Promise.reject(new Error('no')), '2.4.4', [status])).toEqual([status])
})
