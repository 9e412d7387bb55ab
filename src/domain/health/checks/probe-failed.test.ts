import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import { probeFailed } from './probe-failed.ts'

test('words that are not understood are kept as evidence, their first lines', () => {
  const { view, n1 } = bench()
  const raw = `  pool: hot-tier\n\n state: MELTING\n${'x'.repeat(500)}\nfour\nfive\nsix`
  n1.zfs.poolStatus.trouble = trouble('not-understood', { raw })
  const [found] = probeFailed.find(view)
  expect(found).toMatchObject({ severity: 'unknown', subject: 'n1' })
  const words = found?.evidence.find(({ what }) => what.endsWith('its own words'))?.value
  expect(words).toBe(`  pool: hot-tier\n state: MELTING\n${'x'.repeat(200)}…\nfour\nfive`)
})

test('a program that is missing is found, with how to get it', () => {
  const { view, n1 } = bench()
  n1.zfs.pools.trouble = trouble('missing-program', { hint: 'Install zfsutils-linux.' })
  expect(probeFailed.find(view)).toMatchObject([{ severity: 'unknown', remedy: 'Install zfsutils-linux.' }])
})

test('pins that cannot be listed are found where the peer itself answers, and only there', () => {
  const { view, n1 } = bench()
  n1.store.pins = { ...n1.store.pins, trouble: trouble('failed', { message: 'the list ended early' }) }
  expect(probeFailed.find(view)).toMatchObject([
    {
      subject: 'n1/hot',
      summary: 'Of store hot on n1, this could not be seen: pins in trouble (the list ended early).',
    },
  ])
  n1.store.peer = { ...n1.store.peer, trouble: trouble('unreachable') }
  expect(probeFailed.find(view)).toEqual([])
})

test('pins stay found when the peer only refuses our credentials', () => {
  const { view, n1 } = bench()
  n1.store.pins = { ...n1.store.pins, trouble: trouble('failed') }
  n1.store.peer = { ...n1.store.peer, trouble: trouble('not-permitted') }
  expect(probeFailed.find(view)).toHaveLength(1)
})
