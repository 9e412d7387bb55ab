import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { autoGcEnabled } from './auto-gc-enabled.ts'

const gc = ({ store }: BenchHost, enableGc: boolean | null) => {
  Object.assign(store.kuboProcess.last?.value ?? {}, { enableGc, seen: 'here' })
}

test('a Kubo without the option says nothing', () => {
  expect(autoGcEnabled.find(bench().view)).toEqual([])
})

test('a Kubo with the option is a warning', () => {
  const { view, n1 } = bench()
  gc(n1, true)
  expect(autoGcEnabled.find(view)).toMatchObject([
    {
      severity: 'warning',
      subject: 'n1/hot/kubo',
      summary: expect.stringMatching(/^The Kubo of store hot on n1 collects garbage by itself/),
    },
  ])
})

test('a command line that cannot be seen is told as that, unless the Kubo is dead', () => {
  const { view, n1 } = bench()
  gc(n1, null)
  expect(autoGcEnabled.find(view)).toMatchObject([
    {
      severity: 'info',
      summary: 'Whether the Kubo of store hot on n1 collects garbage by itself cannot be seen: here.',
    },
  ])
  n1.store.kubo = { ...n1.store.kubo, trouble: trouble('unreachable') }
  expect(autoGcEnabled.find(view)).toEqual([])
})
