import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, integer, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isReadOrRefused } from '../../../test/builders/refused.ts'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { parseZfsEvents } from './zfs-events.ts'

const recorded = (version: string): string =>
  readFileSync(join(import.meta.dirname, `../../../test/fixtures/openzfs-${version}/zpool-events.txt`), 'utf8')
    // Recorded without -H, of 2.4.4: with it, a TAB stands before the class, and no line above.
    .replace(/^TIME .*\n/, '')
    .replaceAll(/^(\w{3} \d\d \d{4} [\d:.]+) (\S+)$/gm, '$1\t$2')

describe.each(['2.1.11', '2.3.2', '2.3.9', '2.4.4'])('OpenZFS %s', (version) => {
  test('reads every event, in the order of their numbers', () => {
    const text = recorded(version)
    const events = parseZfsEvents(text)
    expect(events).toHaveLength(text.match(/^ {8}eid = /gm)?.length ?? 0)
    const eids = events.map(({ eid }) => eid)
    expect(eids).toEqual(eids.toSorted((a, b) => a - b))
    for (const { at, pool } of events) {
      expect(new Date(at).toISOString()).toMatch(/^2026-11-2[38]T/)
      expect(pool).toMatch(/^(cor|hot|nw)$/)
    }
  })
})

test('tells of a checksum error which disk, and that it is an error', () => {
  const errors = parseZfsEvents(recorded('2.3.2')).filter(({ level }) => level === 'error')
  expect(errors).toEqual([
    {
      eid: 0xd0,
      at: Date.UTC(2026, 10, 23, 3, 11, 24, 332),
      class: 'ereport.fs.zfs.checksum',
      pool: 'cor',
      level: 'error',
      text: 'ereport.fs.zfs.checksum disk=/f/m0 kind=file read errors=0 write errors=0 checksum errors=1 errno=52 objset=54 object=2 offset=108941312 size=131072',
    },
  ])
})

test('tells of history what was done', () => {
  expect(parseZfsEvents(recorded('2.1.11')).map(({ text }) => text)).toContain(
    'sysevent.fs.zfs.history_event set ashift=12',
  )
})

test('what raidz does without for a while has failed at nothing (2.4)', () => {
  const [sitout] = parseZfsEvents(
    [
      'Nov 28 2026 21:23:34.396217763\tereport.fs.zfs.sitout',
      '        class = "ereport.fs.zfs.sitout"',
      '        pool = "nw"',
      '        vdev_path = "/var/tmp/f/n1"',
      '        time = 0x6b0b4656 0x179dcda3 ',
      '        eid = 0x9cd',
      '',
    ].join('\n'),
  )
  expect(sitout).toMatchObject({ level: 'warning', pool: 'nw', text: 'ereport.fs.zfs.sitout disk=/var/tmp/f/n1' })
})

test('an empty ring has no events, and what the kernel has dropped is told by the numbers', () => {
  expect(parseZfsEvents('')).toEqual([])
  const [first = ''] = recorded('2.1.11').split('\n\n')
  expect(parseZfsEvents(`dropped 12 events\n${first}\n\n`)).toHaveLength(1)
})

test('refuses what it does not know', () => {
  expect(() => parseZfsEvents('cannot get event: permission denied\n')).toThrow(UnexpectedOutput)
  expect(() => parseZfsEvents(recorded('2.1.11').replace(/ {8}eid = 0x1295\n/, ''))).toThrow(UnexpectedOutput)
})

test('whatever is cut out of it, it is read or refused', () => {
  const text = recorded('2.3.2')
  assert(
    property(integer({ min: 0, max: text.length }), integer({ min: 0, max: 400 }), string(), (start, length, put) => {
      expect(isReadOrRefused(() => parseZfsEvents(text.slice(0, start) + put + text.slice(start + length)))).toBe(true)
    }),
  )
})
