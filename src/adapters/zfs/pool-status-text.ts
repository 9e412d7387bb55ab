import { Pieces } from '../../domain/read-in-part.ts'
import { PoolState, type PoolStatus } from '../../domain/pool-status.ts'
import { parseConfigTable } from './config-table.ts'
import { parseErrorSections } from './error-list.ts'
import { parseScanText } from './scan-text.ts'
import { type PoolSections, splitPools } from './text-sections.ts'
import { compact, NotUnderstood, oneLine } from './words.ts'

const understood = new Set(['pool', 'state', 'status', 'action', 'see', 'scan', 'scrub', 'config', 'errors'])

/** The text grammar of `zpool status`, 2.1 to 2.4; older releases as far as their outputs were published. */
export function poolsFromText(text: string): PoolStatus[] {
  const pools = splitPools(text)
  const names = new Set<string>()
  for (const name of pools.map((sections) => nameOf(sections))) {
    // A file name with newlines in the list of one pool's errors could pretend to be another pool.
    if (names.has(name)) throw new NotUnderstood(`pool ${name} stands twice`)
    names.add(name)
  }
  const pieces = new Pieces('pool')
  return pieces.conclude(pools.flatMap((sections) => pieces.take(text, () => poolFrom(sections)) ?? []))
}

const nameOf = (sections: PoolSections): string => (sections[0].lines[0] ?? '').trim()

function poolFrom(sections: PoolSections): PoolStatus {
  const name = nameOf(sections)
  const linesOf = (header: string) => sections.find((section) => section.header === header)?.lines
  const textOf = (header: string) => {
    const lines = linesOf(header)
    return lines === undefined ? undefined : oneLine(lines.join('\n'))
  }
  if (name === '') throw new NotUnderstood('a pool has no name')
  if (linesOf('id') !== undefined) throw new NotUnderstood('this is a listing of `zpool import`, not a pool in use')
  const config = linesOf('config')
  if (config === undefined) throw new NotUnderstood(`pool ${name} has no config`)
  const refused = (config[0] ?? '').trim()
  if (refused !== '') throw new NotUnderstood(`the config of pool ${name} is not told: ${refused.slice(0, 120)}`)

  const { root, vdevs } = parseConfigTable(config.slice(1), name)
  const state = poolState(textOf('state'), root.state, name)
  const errors = parseErrorSections(sections.filter(({ header }) => header === 'errors').map(({ lines }) => lines))
  const scans = sections
    .filter(({ header }) => header === 'scan' || header === 'scrub')
    .map((section) => ({ section, scan: parseScanText(section.lines) }))
  return {
    ...compact({
      name,
      state,
      statusText: textOf('status'),
      action: textOf('action'),
      messageId: /\/(ZFS-[\w-]+)\/?$/.exec((textOf('see') ?? '').slice(0, 512))?.[1],
    }),
    scans: scans.flatMap(({ scan }) => scan ?? []),
    vdevs,
    root,
    dataErrors: { count: errors.count, paths: errors.paths },
    otherSections: [
      ...sections.filter(({ header }) => !understood.has(header)),
      ...scans.filter(({ scan }) => scan === undefined).map(({ section }) => section),
      ...errors.unknown.map((line) => ({ header: 'errors', lines: [line] })),
    ].map(({ header, lines }) => ({ header, text: lines.join('\n').trim() })),
  }
}

/**
 * The word behind `state:`. ZFS prints the root's own state there, or a worse one (SUSPENDED, FAULTED); an ONLINE pool
 * with a root that is not is two texts mixed up.
 */
export function poolState(word: string | undefined, root: PoolStatus['root']['state'], name: string): PoolState {
  if (word === undefined) throw new NotUnderstood(`pool ${name} has no state`)
  // A pool cannot be used when it was split off; its root row keeps the word.
  const known = PoolState.safeParse(word === 'SPLIT' ? 'UNAVAIL' : word)
  if (!known.success) throw new NotUnderstood(`pool ${name} has the unknown state ${JSON.stringify(word.slice(0, 40))}`)
  if (known.data === 'ONLINE' && root !== 'ONLINE') {
    throw new NotUnderstood(`pool ${name} is ONLINE, but its first row is ${root}`)
  }
  return known.data
}
