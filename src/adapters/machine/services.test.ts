import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { parseUnits, readServices, unitArgs } from './services.ts'

/** Of the form that systemctl 252 prints (systemctl(1), show); written by hand, since no systemd runs where this was made. */
const running = 'LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nNRestarts=0\n'
const looping = 'Result=exit-code\nNRestarts=17\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\n'
const missing = 'LoadState=not-found\nActiveState=inactive\nSubState=dead\nResult=success\nNRestarts=0\n'
/** A mount or a target has neither result nor restarts. */
const target = 'LoadState=loaded\nActiveState=active\nSubState=active\n'

function outcomeOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('parseUnits', () => {
  it('reads blocks in the order of the names', () => {
    expect(parseUnits(`${running}\n${looping}\n${missing}`, ['a', 'b', 'c'])).toEqual([
      { name: 'a', load: 'loaded', active: 'active', sub: 'running', result: 'success', restarts: 0 },
      { name: 'b', load: 'loaded', active: 'activating', sub: 'auto-restart', result: 'exit-code', restarts: 17 },
      { name: 'c', load: 'not-found', active: 'inactive', sub: 'dead', result: 'success', restarts: 0 },
    ])
  })

  it('keeps what a unit does not have apart from zero', () => {
    expect(parseUnits(target, ['zfs.target'])).toMatchObject([{ result: '', restarts: null }])
  })

  it('refuses another number of units, and one without a state', () => {
    expect(() => parseUnits(running, ['a', 'b'])).toThrow(UnexpectedOutput)
    expect(() => parseUnits(`${running}\n${running}`, ['a'])).toThrow('2 units')
    expect(() => parseUnits('LoadState=loaded\n', ['a'])).toThrow('the state of a')
  })

  it('reads, or refuses with its own error, whatever is printed', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 3 }), (text, names) => {
        const outcome = outcomeOf(() => parseUnits(text, names).length)
        expect(outcome instanceof UnexpectedOutput || outcome === names.length).toBe(true)
      }),
    )
  })
})

const notRun = () => Promise.reject(new Error('not to be run'))

describe('readServices', () => {
  const files = { bootedBySystemd: () => true, processes: () => ['systemd', 'zed'] }

  it('asks for ZED too, and takes no name for an option', async () => {
    const asked: string[][] = []
    const exec = async (file: string, args: readonly string[]) => {
      asked.push([file, ...args])
      return `${running}\n${missing}`
    }
    expect(await readServices({ exec, files }, ['-H x'])).toMatchObject({ manager: 'systemd', zed: true })
    expect(asked).toEqual([['systemctl', ...unitArgs(['-H x', 'zfs-zed.service'])]])
    expect(asked[0]?.slice(-3)).toEqual(['--', '-H x', 'zfs-zed.service'])
  })

  it.each([
    [running, null, true],
    [missing, ['zed'], true],
    [missing, ['sh'], false],
    [missing, null, null],
  ])('ZED runs by its unit or by its process', async (unit, processes, zed) => {
    const exec = async () => unit
    const seen = await readServices({ exec, files: { ...files, processes: () => processes } }, [])
    expect(seen.zed).toBe(zed)
  })

  it('without systemd, units say nothing, and systemctl is not asked', async () => {
    expect(await readServices({ exec: notRun, files: { ...files, bootedBySystemd: () => false } }, ['a'])).toEqual({
      manager: 'none',
      units: [],
      zed: true,
    })
  })
})
