import { expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { readListeners } from './listeners.ts'

// Lines of Linux 6.1 (x86-64).
const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
const tcp = `${head}
   0: 0100007F:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 18842 1 0000000000000000 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 18843 1 0000000000000000 100 0 0 10 0
   2: 0B00000A:0016 0200000A:C5F4 01 00000000:00000000 02:000A7B2C 00000000     0        0 19951 2 0000000000000000 20 4 30 10 -1
`
const tcp6 = `${head}
   0: 00000000000000000000000000000000:2386 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   997        0 18901 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 18902 1 0000000000000000 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:2387 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 18903 1 0000000000000000 100 0 0 10 0
   3: B80D0120000000000000000001000000:2388 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 18904 1 0000000000000000 100 0 0 10 0
`

test('sockets that listen are found, with what they are bound to; connections are not', () => {
  const found = readListeners((path) => (path.endsWith('6') ? tcp6 : tcp))
  expect(found.map(({ address, port, isLoopback, isAny }) => [address, port, isLoopback, isAny])).toEqual([
    ['127.0.0.1', 5001, true, false],
    ['0.0.0.0', 8080, false, true],
    ['::', 9094, false, true],
    ['::1', 631, true, false],
    ['127.0.0.1', 9095, true, false],
    ['2001:db8:0:0:0:0:0:1', 9096, false, false],
  ])
})

const withoutIpv6 = (path: string) => {
  if (path.endsWith('6')) throw new Error('ENOENT')
  return tcp
}

test('a kernel without IPv6 has one table', () => {
  expect(readListeners(withoutIpv6)).toHaveLength(2)
})

test('a line of another shape is not taken for nothing', () => {
  expect(() => readListeners(() => `${head}\n   0: what is this 0A\n`)).toThrow(UnexpectedOutput)
})
