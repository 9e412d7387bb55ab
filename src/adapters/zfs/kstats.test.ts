import { describe, expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { type KstatFiles, parseArc, parsePoolState, readArc, readPoolStates } from './kstats.ts'
import { recorded } from './testing.ts'
import { ZfsModuleNotLoaded } from './zfs-failures.ts'

const arcstats = recorded('2.3.2', 'A.arcstats').stdout

const missing = () => {
  throw Object.assign(new Error('ENOENT: no such file or directory'), { code: 'ENOENT' })
}

const denied = () => {
  throw Object.assign(new Error('EACCES'), { code: 'EACCES' })
}

/** A kstat folder by its files: `{ 'hot/state': 'ONLINE\n' }`; a function stands for what reading it does. */
function folder(files: Record<string, string | (() => never)>): KstatFiles {
  const names = new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))
  return {
    readdirSync: () =>
      [...names].map((name) => ({
        name,
        isDirectory: () => Object.keys(files).some((path) => path.startsWith(`${name}/`)),
      })),
    readFileSync: (path) => {
      const file = files[path.replace('/proc/spl/kstat/zfs/', '')]
      return typeof file === 'string' ? file : (file ?? missing)()
    },
  }
}

describe('arcstats', () => {
  test('of 2.1 has no iohits', () => {
    expect(parseArc(recorded('2.1.11', 'A.arcstats').stdout)).toMatchObject({ hits: 1648, misses: 0, iohits: 0 })
  })

  test('of 2.3 has all', () => {
    expect(readArc(folder({ arcstats }))).toEqual({
      hits: 1715,
      misses: 0,
      iohits: 0,
      size: 2_485_704,
      target: 161_501_952,
      minimum: 161_501_952,
      maximum: 4_094_320_640,
    })
  })

  test.each([
    ['a counter is missing', arcstats.replace(/^misses .*$/m, '')],
    ['a counter is no number', arcstats.replace(/^(hits +4 +)\d+$/m, '$1many')],
    ['a counter is of another type', arcstats.replace(/^hits +4/m, 'hits 7')],
    ['a counter is beyond 2^53', arcstats.replace(/^(hits +4 +)\d+$/m, '$19007199254740993')],
    ['there is nothing', ''],
  ])('are refused when %s', (_what, text) => {
    expect(() => parseArc(text)).toThrow(UnexpectedOutput)
  })

  test('the largest exact counter is read', () => {
    expect(parseArc(arcstats.replace(/^(hits +4 +)\d+$/m, '$19007199254740991')).hits).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('that are not there mean that the module is not loaded', () => {
    expect(() => readArc(folder({}))).toThrow(ZfsModuleNotLoaded)
  })
})

describe('pool states', () => {
  test.each([
    ['ONLINE', recorded('2.1.11', 'K.kstat0').stdout],
    ['SUSPENDED', recorded('2.1.11', 'K.kstat').stdout],
    ['SUSPENDED', recorded('2.3.2', 'K2.kstat').stdout],
    ['UNKNOWN', 'TRANSITIONING\n'],
    ['UNKNOWN', ''],
  ])('%s is read from %j', (state, text) => {
    expect(parsePoolState(text)).toBe(state)
  })

  test('every folder is a pool, every file beside is not', () => {
    const files = { arcstats, 'hot/state': 'ONLINE\n', 'cold tier/state': 'DEGRADED\n', '__proto__/state': 'FAULTED\n' }
    const states = readPoolStates(folder(files))
    expect(Object.entries(states)).toEqual([
      ['hot', 'ONLINE'],
      ['cold tier', 'DEGRADED'],
      ['__proto__', 'FAULTED'],
    ])
  })

  test('a pool exported meanwhile is left out; one that cannot be read is UNKNOWN', () => {
    expect(readPoolStates(folder({ 'gone/state': missing, 'shy/state': denied }))).toEqual({ shy: 'UNKNOWN' })
  })

  test('without the module there are none to be told, and that is an error', () => {
    expect(() => readPoolStates({ readdirSync: missing, readFileSync: missing })).toThrow(ZfsModuleNotLoaded)
  })
})
