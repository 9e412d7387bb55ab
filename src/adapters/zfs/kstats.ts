import { UnexpectedOutput } from '../../domain/errors.ts'
import { ArcSample } from '../../domain/arc.ts'
import { PoolState } from '../../domain/pool-status.ts'
import { accept } from './table.ts'
import { ZfsModuleNotLoaded } from './zfs-failures.ts'

/**
 * Kernel statistics of ZFS, readable by anyone. They are read synchronously, and only these: they do not block while
 * every `zpool` hangs, and an asynchronous read would wait behind file access that does.
 */
export const kstatFolder = '/proc/spl/kstat/zfs'

/** The part of `node:fs` that reading kstats takes. */
export interface KstatFiles {
  readFileSync: (path: string, encoding: 'utf8') => string
  readdirSync: (path: string, options: { withFileTypes: true }) => { name: string; isDirectory(): boolean }[]
}

/** The ARC now. Throws `ZfsModuleNotLoaded` where there are no statistics. */
export function readArc({ readFileSync }: Pick<KstatFiles, 'readFileSync'>): ArcSample {
  return parseArc(reading(() => readFileSync(`${kstatFolder}/arcstats`, 'utf8')))
}

/**
 * The state of each imported pool, from one word each. Words that we do not know, and TRANSITIONING, are UNKNOWN; so is a
 * pool whose word cannot be read, unless it was exported in between.
 */
export function readPoolStates({ readFileSync, readdirSync }: KstatFiles): Record<string, PoolState> {
  const folders = reading(() => readdirSync(kstatFolder, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  )
  const states: [string, PoolState][] = []
  for (const { name } of folders) {
    try {
      states.push([name, parsePoolState(readFileSync(`${kstatFolder}/${name}/state`, 'utf8'))])
    } catch (error) {
      if (!isMissing(error)) states.push([name, 'UNKNOWN'])
    }
  }
  return Object.fromEntries(states)
}

/** The state of one pool; undefined where no pool of that name is imported. A pool's name holds no slash. */
export function readPoolState(pool: string, { readFileSync }: Pick<KstatFiles, 'readFileSync'>): PoolState | undefined {
  try {
    return parsePoolState(readFileSync(`${kstatFolder}/${pool}/state`, 'utf8'))
  } catch (error) {
    return isMissing(error) ? undefined : 'UNKNOWN'
  }
}

/** `ONLINE\n`, `SUSPENDED\n` (recorded: 2.1.11, 2.3.2). */
export function parsePoolState(text: string): PoolState {
  const state = PoolState.safeParse(text.trim())
  return state.success ? state.data : 'UNKNOWN'
}

/** Two lines of header, then `name type data`; type 4 is an unsigned 64-bit integer (recorded: 2.1.11, 2.3.2, 2.3.9). */
export function parseArc(text: string): ArcSample {
  const values = new Map<string, string>()
  for (const line of text.split('\n').slice(2)) {
    const [name = '', type, data = ''] = line.trim().split(/ +/)
    if (type === '4') values.set(name, data)
  }
  const exact = (name: string): number => {
    const data = values.get(name) ?? ''
    // Beyond 2^53 a counter would be rounded, and a difference of two be wrong: refused by the schema.
    return /^\d{1,20}$/.test(data) && BigInt(data) <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(data) : Number.NaN
  }
  return accept(
    ArcSample,
    {
      hits: exact('hits'),
      misses: exact('misses'),
      // 2.1 counts a hit on a read under way as a hit.
      iohits: values.has('iohits') ? exact('iohits') : 0,
      size: exact('size'),
      target: exact('c'),
      minimum: exact('c_min'),
      maximum: exact('c_max'),
    },
    { file: 'arcstats', text },
  )
}

function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (isMissing(error)) {
      throw new ZfsModuleNotLoaded(`there is no ${kstatFolder}: the ZFS module is not loaded`, { cause: error })
    }
    throw new UnexpectedOutput(`cannot read ${kstatFolder}`, '', { cause: error })
  }
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
