import { expect, test } from 'vitest'
import { bench } from '../../test/builders/fleet-view.ts'
import { activity } from '../../test/builders/machine.ts'
import { disk } from '../../test/builders/pool-status.ts'
import { trouble } from '../../test/builders/readings.ts'
import type { FleetView } from '../domain/health/view.ts'
import { milliseconds } from '../domain/units.ts'
import { arcs } from './arc.ts'
import { disks } from './disks-noun.ts'
import { iostat } from './iostat.ts'
import { liveOver } from './live.ts'
import type { Terminal } from './terminal.ts'

function paper(isInteractive = false): Terminal & { lines: string[]; errors: string[] } {
  const lines: string[] = []
  const errors: string[] = []
  return {
    lines,
    errors,
    write: (line) => void lines.push(line),
    error: (line) => void errors.push(line),
    colours: false,
    columns: 100,
    isInteractive,
  }
}

const looking = (view: FleetView) => () => Promise.resolve(view)
const rowsOf = (view: FleetView, options: Parameters<typeof iostat>[1] = {}) => iostat(view, options).rows

test('a pool is the sum of its disks, and the fleet that of its pools', () => {
  const { view, n1 } = bench()
  const devices = n1.machine.io.last?.value.recent.devices ?? {}
  devices['sda'] = activity({ readsPerSecond: 30, writesPerSecond: 0, writeLatency: null })
  expect(rowsOf(view, { disks: true }).map((cells) => cells.slice(0, 3))).toEqual([
    ['fleet', '60', '60'],
    ['n1/hot-tier', '40', '20'],
    ['  n1/hot-tier/sda', '30', '0.0'],
    ['  n1/hot-tier/sdb', '10', '20'],
    ['n2/hot-tier', '20', '40'],
    ['  n2/hot-tier/sda', '10', '20'],
    ['  n2/hot-tier/sdb', '10', '20'],
  ])
})

test('a disk that cannot be seen is told as missing in the sum; a pool without any is unknown', () => {
  const { view, n1, n2 } = bench()
  n1.mirror.children.push(disk('/files/a'))
  n2.machine.io.trouble = trouble('failed')
  expect(rowsOf(view).map(([name, reads]) => [name, reads])).toEqual([
    ['fleet', '20'],
    ['n1/hot-tier (without 1)', '20'],
    ['n2/hot-tier', '?'],
  ])
})

test('pools are chosen by name; one that is not there is refused with the nearest', () => {
  const { view } = bench()
  expect(rowsOf(view, { pool: ['n2/hot-tier'] }).map(([name]) => name)).toEqual(['fleet', 'n2/hot-tier'])
  expect(rowsOf(view, { pool: ['hot-tier'] })).toHaveLength(3)
  expect(() => iostat(view, { pool: ['n1/hot-teir'] })).toThrow('did you mean n1/hot-tier?')
})

test('the share of an ARC without reads is none, and is not 0 %', () => {
  const { view, n1, n2 } = bench()
  if (n1.zfs.arc.last !== null) n1.zfs.arc.last.value.after.hits = n1.zfs.arc.last.value.after.misses = 0
  n2.zfs.arc.last = null
  expect(arcs(view).rows.map((cells) => [cells[0], cells[4], cells[5], cells[6]])).toEqual([
    ['n1', '-', '0', '1 s ago'],
    ['n2', '?', '?', 'not yet'],
  ])
})

test('disks are listed with what SMART says, also those of no pool', () => {
  const { view, n1 } = bench()
  const report = n1.machine.smart?.last?.value.reports[0]
  if (report !== undefined) report.passed = false
  const [sda] = n1.machine.disks.last?.value ?? []
  if (sda !== undefined) n1.machine.disks.last?.value.push({ ...sda, name: 'sdx', partitions: [], links: {} })
  n1.sdb.checksumErrors = 3
  const rows = disks.items(view).map(({ cells }) => [cells[0], cells[1], cells[2], cells[7], cells[8]])
  expect(rows.slice(0, 3)).toEqual([
    ['n1/hot-tier/sda', 'ONLINE', 'none', 'FAILING', '1.00 ms'],
    ['n1/hot-tier/sdb', 'ONLINE', '0+0+3', 'ok', '1.00 ms'],
    ['n1/sdx', 'no pool', '-', '?', '?'],
  ])
})

test('one look is a table without times; several are lines with them, and one header', async () => {
  const { view } = bench()
  const once = paper()
  expect(await liveOver(looking(view), {}, once, arcs)).toBe(0)
  expect(once.lines[0]).toMatch(/^HOST/)
  const twice = paper()
  await liveOver(looking(view), { count: 2, every: milliseconds(1) }, twice, arcs)
  expect(twice.lines.map((line) => line.split(/ +/).slice(0, 2))).toEqual([
    ['TIME', 'HOST'],
    ...['n1', 'n2', 'n1', 'n2'].map((host) => ['2026-11-23T08:00:00.000Z', host]),
  ])
  const screen = paper(true)
  await liveOver(looking(view), { count: 2, every: milliseconds(1) }, screen, arcs)
  expect(screen.lines.map((text) => text.startsWith('\u001b[H2026-11-23 08:00:00 UTC'))).toEqual([true, true])
})

test('as JSON, a document a line', async () => {
  const { view } = bench()
  const out = paper()
  await liveOver(looking(view), { json: true }, out, (seen) => iostat(seen, { disks: true }))
  expect(out.lines).toHaveLength(1)
  expect(JSON.parse(out.lines[0] ?? '')).toMatchObject({
    at: '2026-11-23T08:00:00.000Z',
    fleet: { readsPerSecond: 40 },
    pools: [{ pool: 'n1/hot-tier', unseenDisks: 0, disks: [{ disk: 'n1/hot-tier/sda', readLatency: 1 }, {}] }, {}],
  })
})

test('a host that does not answer is told, and the status is that of unknown', async () => {
  const { view } = bench()
  const [first] = view.hosts
  const silent: FleetView = {
    ...view,
    hosts: first === undefined ? [] : [{ ...first, contact: { state: 'unreachable', error: 'refused', at: view.at } }],
  }
  const out = paper()
  expect(await liveOver(looking(silent), {}, out, arcs)).toBe(3)
  expect(out.errors[0]).toContain('did not answer')
})
