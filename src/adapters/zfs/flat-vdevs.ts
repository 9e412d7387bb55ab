import { entriesOf, isRecord } from './json-values.ts'
import { NotUnderstood } from './words.ts'

/** The root and the trees of the classes, by key: `vdevs` is the root itself, every other an object of vdevs by name. */
export type Trees = Record<string, unknown>

const classKeys: Record<string, string> = {
  special: 'special',
  dedup: 'dedup',
  log: 'logs',
  l2cache: 'l2cache',
  spare: 'spares',
}

/**
 * The trees of one pool, nested. We ask for them nested; `--json-flat-vdevs` lists every vdev of every class under
 * `vdevs`, with nested copies besides, and tells by `parent` and `class` where each belongs (2.3.2).
 */
export function nestVdevs(pool: Record<string, unknown>, poolName: string): Trees {
  const listed = entriesOf(pool['vdevs'], `vdevs of ${poolName}`)
  const [only, ...more] = listed
  if (only === undefined) throw new NotUnderstood(`pool ${poolName} has no vdevs`)
  if (more.length === 0) return { ...pool, vdevs: only[1] }

  const entries = new Map<string, { vdev: Record<string, unknown>; children: Record<string, unknown> }>()
  for (const [name, vdev] of listed) {
    if (!isRecord(vdev)) throw new NotUnderstood(`the vdev ${name} is no object`)
    const children: Record<string, unknown> = {}
    entries.set(name, { vdev: { ...vdev, vdevs: children }, children })
  }
  const root = entries.get(poolName)
  if (root === undefined) throw new NotUnderstood(`the vdevs of pool ${poolName} have no root`)
  const trees: Record<string, Record<string, unknown>> = {}
  for (const [name, { vdev }] of entries) {
    if (name === poolName) continue
    const { parent: above, class: role } = vdev
    const key = typeof role === 'string' ? classKeys[role] : undefined
    const parent = typeof above === 'string' ? entries.get(above) : undefined
    if (parent !== undefined) parent.children[name] = vdev
    else if (above === undefined && key !== undefined) (trees[key] ??= {})[name] = vdev
    else throw new NotUnderstood(`the vdev ${name} has no place in pool ${poolName}`)
  }
  return { ...pool, ...trees, vdevs: root.vdev }
}
