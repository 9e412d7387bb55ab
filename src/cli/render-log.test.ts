import { expect, test } from 'vitest'
import type { LogEntry } from '../domain/logs/log.ts'
import { Instant } from '../domain/units.ts'
import { logJson, renderEntry, renderGap, renderNotice } from './render-log.ts'

const terminal = { write: () => undefined, error: () => undefined, colours: false, columns: 100, isInteractive: false }
const at = Instant.parse(Date.UTC(2026, 10, 24, 3))
const entry = (text: string, more: Partial<LogEntry> = {}): LogEntry => ({
  kind: 'entry',
  at,
  level: 'error',
  store: 'hot',
  from: 'ipfs-cluster@hot.service',
  text,
  cut: 0,
  cursor: 'c',
  ...more,
})
const place = { host: 'n1', source: undefined }

test('time, place, level and text; the time and level that Cluster itself puts before it are not said twice', () => {
  const text = '2026-11-24T02:59:59.999Z\tERROR\tipfshttp\tipfshttp.go:1299\terror posting'
  expect(renderEntry(entry(text), place, terminal, false)).toEqual([
    '2026-11-24T03:00:00.000Z n1/hot error   ipfshttp  ipfshttp.go:1299  error posting',
  ])
})

test('further lines stand under the first, and what was cut off is told', () => {
  expect(
    renderEntry(entry('panic: x\ngoroutine 1\n', { cut: 12 }), { ...place, source: 'cluster' }, terminal, true),
  ).toEqual([
    '2026-11-24T03:00:00.000Z (late) n1/hot cluster error   panic: x',
    '    | goroutine 1 … (12 more characters)',
  ])
})

test('nothing that a daemon writes steers a terminal', () => {
  const [line = ''] = renderEntry(entry('\u001b[2J\u001b[31mred\u001b[0m \u202egnp\u0007'), place, terminal, false)
  // oxlint-disable-next-line no-control-regex
  expect(line).not.toMatch(/[\u0000-\u001f\u202e]/)
  expect(line).toContain('red')
})

test('what is missing is told with count and time', () => {
  const gap = {
    kind: 'gap',
    at,
    missed: 3,
    since: Instant.parse(at - 1000),
    text: 'thrown away',
    cursor: null,
  } as const
  expect(renderGap(gap, place, terminal)).toBe(
    '2026-11-24T03:00:00.000Z n1 GAP 3 messages are missing from 2026-11-24T02:59:59.000Z on: thrown away',
  )
  expect(logJson({ kind: 'item', stream: 'n1/zfs', item: gap, late: false }, 'n1', 'zfs')).toMatchObject({
    kind: 'gap',
    missed: 3,
    since: '2026-11-24T02:59:59.000Z',
    at: '2026-11-24T03:00:00.000Z',
  })
})

test('a host that is behind, or whose clock is wrong, is named', () => {
  expect(renderNotice({ kind: 'behind', stream: 'n2/kubo' })).toContain('n2/kubo: does not keep up')
  expect(renderNotice({ kind: 'skew', stream: 'n2/kubo', ahead: -600_000 })).toContain(
    'its clock is 10 min behind ours',
  )
})
