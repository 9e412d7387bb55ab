import { CommandFailed, type Exec } from '../../src/adapters/system/exec.ts'

/** One pool as `zpool get` and `zpool scrub` of OpenZFS 2.3 show it: its words are those of test/fixtures. */
export interface FakeZpool {
  exec: Exec
  pool: { pool: string; guid: string }
  /** What changes the pool, in the order in which it was run. */
  scrubs: string[]
  health: string
  readonly: 'on' | 'off'
  /** undefined: the pool is not imported. */
  kstat: string | undefined
  scrub: 'none' | 'running' | 'paused'
}

export function fakeZpool(): FakeZpool {
  const pool: FakeZpool = {
    pool: { pool: 'hot-tier', guid: '4242424242424242424' },
    scrubs: [],
    health: 'ONLINE',
    readonly: 'off',
    kstat: 'ONLINE',
    scrub: 'none',
    async exec(file, args) {
      const refuse = (stderr: string) => {
        throw new CommandFailed({ file, args, exitCode: 1, stdout: '', stderr: `${stderr}\n` }, 'exited 1')
      }
      if (args[0] === 'get') return `guid\t${pool.pool.guid}\nhealth\t${pool.health}\nreadonly\t${pool.readonly}\n`
      const [, option] = args.length === 3 ? args : [undefined, 'start']
      if (option === '-p' && pool.scrub === 'none') return ''
      if (option === '-p' && pool.scrub === 'paused') {
        refuse("cannot pause scrubbing hot-tier: scrub is paused; use 'zpool scrub' to resume scrub")
      }
      if (option === '-s' && pool.scrub === 'none') refuse('cannot cancel scrubbing hot-tier: there is no active scrub')
      if (option === 'start' && pool.scrub === 'running') {
        refuse("cannot scrub hot-tier: currently scrubbing; use 'zpool scrub -s' to cancel scrub")
      }
      pool.scrub = option === '-p' ? 'paused' : option === '-s' ? 'none' : 'running'
      pool.scrubs.push([file, ...args].join(' '))
      return ''
    },
  }
  return pool
}
