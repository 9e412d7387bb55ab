import { damagedFilesOf, isResilvering, scrubOf, stateOfScrub, workedFor } from './scan-view.ts'
import { recordEffect } from './lookup.ts'
import { done, fails, lineOf, type Outcome, usage } from './outcome.ts'
import { stateOf } from './pool-view.ts'
import type { SimPool, SimScrub } from './sim-pool.ts'
import type { SimHostState, World } from './world.ts'

/**
 * `zpool` on a simulated host, as far as operations need it: `get` and `scrub`. Every effect is written down once, when it
 * is had, with who ran it: an operation's id, or nothing. Words and exit codes as recorded on 2.1.11 and 2.3.2; that scrubs of suspended and read-only pools hang on 2.2 and
 * 2.3 too.
 */
export function runZpool(
  world: World,
  host: SimHostState,
  [verb = '', ...rest]: readonly string[],
  by: string,
): Outcome {
  if (host.zfs.programs === 'hang') return 'hangs'
  if (verb === 'get') return getProperties(host, rest)
  if (verb === 'scrub') return scrub(world, host, rest, by)
  return usage(`unrecognized command '${verb}'`)
}

/** `get -H -p -o COLUMN[,…] PROPERTY[,…] POOL` */
function getProperties(host: SimHostState, args: readonly string[]): Outcome {
  const [columns = '', properties = '', name = ''] = args.filter((arg) => !arg.startsWith('-'))
  const pool = host.pools.find((one) => one.name === name && one.imported)
  if (pool === undefined) return fails(`cannot open '${name}': no such pool`)
  const values: Record<string, string> = {
    guid: pool.guid,
    health: stateOf(pool),
    readonly: pool.readonly ? 'on' : 'off',
  }
  const lines: string[] = []
  for (const property of properties.split(',')) {
    const value = values[property]
    if (value === undefined) return usage(`bad property list: invalid property '${property}'`)
    lines.push(lineOf(columns, { property, value }))
  }
  return done(lines.join(''))
}

const release = (host: SimHostState): number => Number.parseFloat(host.zfs.module)
const knowsErrorScrub = (host: SimHostState): boolean => release(host) >= 2.2

function scrub(world: World, host: SimHostState, args: readonly string[], by: string): Outcome {
  const flags = args.filter((arg) => arg.startsWith('-'))
  const names = args.filter((arg) => !arg.startsWith('-'))
  const unknown = flags.find((flag) => !['-s', '-p', ...(knowsErrorScrub(host) ? ['-e'] : [])].includes(flag))
  if (unknown !== undefined) return usage(`invalid option '${unknown.slice(1)}'`)
  if (names.length !== 1) return usage('missing pool name argument')
  const pool = host.pools.find(({ name, imported }) => name === names[0] && imported)
  if (pool === undefined) return fails(`cannot open '${names[0] ?? ''}': no such pool`)
  if (pool.corrupted) return fails(`cannot scan '${pool.name}': pool is currently unavailable`)
  const verb = flags.includes('-s') ? 'cancel scrubbing' : flags.includes('-p') ? 'pause scrubbing' : 'scrub'
  const refused = (why: string) => fails(`cannot ${verb} ${pool.name}: ${why}`)
  if (pool.suspended || pool.readonly) {
    // The ioctl of 2.2 and 2.3 checks neither; the command then waits in the kernel.
    if (release(host) >= 2.2 && release(host) < 2.4) return 'hangs'
    return refused(pool.suspended ? 'pool I/O is currently suspended' : 'pool is read-only')
  }
  const effect = (kind: string): Outcome => {
    recordEffect(world, kind, `${host.name}/${pool.name}`, by)
    return done()
  }
  const active = activeScrub(world, pool)
  const tail = knowsErrorScrub(host) ? 'scrub' : undefined
  if (flags.includes('-s')) {
    if (active === undefined) return refused('there is no active scrub')
    pool.scrub = { ...stopped(world, active), pausedAt: null, canceledAt: world.now }
    // ZFS lists what the last scan has found, and this one has found nothing yet (`spa_errlog_rotate`).
    pool.hiddenDamage = [...new Set([...pool.damagedFiles, ...pool.hiddenDamage])]
    pool.damagedFiles = []
    return effect('scrub stopped')
  }
  if (flags.includes('-p')) {
    // 2.3.2 is silent about it; so is the libzfs of 2.2 and 2.4.
    if (active === undefined) return knowsErrorScrub(host) ? done() : refused('there is no active scrub')
    if (active.runsSince === null) {
      return refused(`scrub is paused; use 'zpool scrub' to resume${tail === undefined ? '' : ' scrub'}`)
    }
    pool.scrub = { ...stopped(world, active), pausedAt: world.now }
    return effect('scrub paused')
  }
  if (isResilvering(world, pool)) return refused('currently resilvering')
  const kind = flags.includes('-e') ? 'error-scrub' : 'scrub'
  if (active !== undefined && (active.runsSince !== null || active.kind !== kind)) {
    return active.runsSince === null
      ? refused(`scrub is paused; use 'zpool scrub' to resume scrub`)
      : refused(`currently scrubbing; use 'zpool scrub -s' to cancel ${tail ?? 'current scrub'}`)
  }
  if (active !== undefined) {
    pool.scrub = { ...active, runsSince: world.now, pausedAt: null }
    return effect('scrub resumed')
  }
  pool.scrub = newScrub(world, pool, kind)
  return effect('scrub started')
}

/** The scrub that runs or is paused. */
function activeScrub(world: World, pool: SimPool): SimScrub | undefined {
  const last = scrubOf(world, pool)
  // A resilver that has begun since has taken its place.
  if (last === null || (pool.resilver !== null && pool.resilver.startedAt >= last.startedAt)) return undefined
  const state = stateOfScrub(world, last)
  return state === 'in-progress' || state === 'paused' ? last : undefined
}

const stopped = (world: World, scrub_: SimScrub): SimScrub => ({
  ...scrub_,
  worked: workedFor(world, scrub_),
  runsSince: null,
})

function newScrub(world: World, pool: SimPool, kind: SimScrub['kind']): SimScrub {
  const { scrubs, damagedFiles, hiddenDamage } = pool
  const listed = damagedFilesOf(world, pool)
  // An error scrub reads only what is listed already.
  const finds = kind === 'scrub' ? [...new Set([...damagedFiles, ...hiddenDamage])] : listed
  return {
    kind,
    startedAt: world.now,
    takes: kind === 'scrub' ? scrubs.takes : Math.ceil(scrubs.takes / 100),
    worked: 0,
    runsSince: world.now,
    pausedAt: null,
    canceledAt: null,
    errors: scrubs.errors + finds.length,
    listed,
    finds,
  }
}
