import { done, fails, lineOf, type Outcome, usage } from './outcome.ts'
import { isUsable, recordEffect } from './lookup.ts'
import type { SimSnapshot } from './sim-snapshot.ts'
import { datasetsOf } from './space.ts'
import type { SimHostState, World } from './world.ts'

/**
 * `zfs` on a simulated host, as far as operations and looks need it: `list` of snapshots by their names or that of their
 * dataset, `hold`, `release` and `holds`. Each of
 * several is done or refused by itself, as on 2.1.11 and 2.3.2.
 */
export function runZfs(world: World, host: SimHostState, [verb = '', ...args]: readonly string[], by: string): Outcome {
  if (host.zfs.programs === 'hang') return 'hangs'
  const named = (name: string): SimSnapshot | undefined =>
    host.pools
      .filter(isUsable)
      .flatMap(({ snapshots }) => snapshots)
      .find((snapshot) => snapshot.name === name)
  const words = args.filter((arg) => !arg.startsWith('-'))
  switch (verb) {
    case 'list': {
      const columns = args[args.indexOf('-o') + 1] ?? ''
      return eachOf(args.slice(args.indexOf('-o') + 2), (name) => {
        const one = named(name)
        const snapshots = one === undefined ? snapshotsOf(world, host, name) : [one]
        if (snapshots === undefined) return { says: `cannot open '${name}': dataset does not exist` }
        return { prints: snapshots.map((snapshot) => lineOf(columns, cellsOf(snapshot))).join('') }
      })
    }
    case 'holds': {
      const inSeconds = args[0]?.includes('p') === true
      if (inSeconds && Number.parseFloat(host.zfs.userland) < 2.2) return usage(`invalid option 'p'`)
      const at = inSeconds ? secondsOf : dateOf
      return eachOf(words, (name) => {
        const snapshot = named(name)
        if (snapshot === undefined) return { says: `cannot open '${name}': dataset does not exist` }
        return { prints: snapshot.holds.map(({ tag, heldAt }) => `${name}\t${tag}\t${at(heldAt)}\n`).join('') }
      })
    }
    case 'hold':
    case 'release': {
      const [tag = '', ...names] = words
      return eachOf(names, (name) => {
        const refused =
          verb === 'hold' ? `cannot hold snapshot '${name}'` : `cannot release hold from snapshot '${name}'`
        const snapshot = named(name)
        if (snapshot === undefined) return { says: `${refused}: dataset does not exist` }
        const isThere = snapshot.holds.some((hold) => hold.tag === tag)
        if (isThere === (verb === 'hold')) {
          return {
            says: `${refused}: ${isThere ? 'tag already exists on this dataset' : 'no such tag on this dataset'}`,
          }
        }
        if (isThere) snapshot.holds = snapshot.holds.filter((hold) => hold.tag !== tag)
        else snapshot.holds.push({ tag, heldAt: world.now })
        recordEffect(world, isThere ? 'snapshot released' : 'snapshot held', `${host.name}/${name}`, by)
        return {}
      })
    }
    default:
      return usage(`unrecognized command '${verb}'`)
  }
}

/** As `zfs holds` prints it: without seconds. */
const dateOf = (at: number): string =>
  new Date(at).toUTCString().replace(/^(...), (..) (...) (....) (..:..).*$/, '$1 $3 $2 $5 $4')

const secondsOf = (at: number): string => String(Math.floor(at / 1000))

/** Those of one dataset, oldest first; undefined where there is no such dataset. */
function snapshotsOf(world: World, host: SimHostState, dataset: string): SimSnapshot[] | undefined {
  const pool = host.pools.filter(isUsable).find(({ name }) => name === dataset.split('/')[0])
  if (pool === undefined || !datasetsOf(world, host, pool).some(({ name }) => name === dataset)) return undefined
  return pool.snapshots
    .filter(({ name }) => name.startsWith(`${dataset}@`))
    .toSorted((a, b) => a.createtxg - b.createtxg)
}

const cellsOf = (snapshot: SimSnapshot): Record<string, string> => ({
  ...snapshot.properties,
  name: snapshot.name,
  guid: snapshot.guid,
  createtxg: String(snapshot.createtxg),
  creation: secondsOf(snapshot.createdAt),
  used: '0',
  referenced: String(snapshot.referenced),
  userrefs: String(snapshot.holds.length),
  defer_destroy: 'off',
})

function eachOf(names: readonly string[], run: (name: string) => { prints?: string; says?: string }): Outcome {
  const all = names.map((name) => run(name))
  const [stdout, says] = [all.map(({ prints = '' }) => prints).join(''), all.flatMap(({ says: said }) => said ?? [])]
  const outcome = says.length === 0 ? done(stdout) : fails(says.join('\n'))
  return outcome === 'hangs' ? outcome : { ...outcome, stdout }
}
