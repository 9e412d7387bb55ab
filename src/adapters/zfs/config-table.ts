import { type PoolStatus, type Vdev, type VdevClass, VdevState } from '../../domain/pool-status.ts'
import { humanNumber } from './quantities.ts'
import { compact, badStateInCells, isGuid, kindByName, NotUnderstood, vdevStates } from './words.ts'

/** What the `config:` table says: the pool's own row and the tree by class. */
export type ConfigTable = Pick<PoolStatus, 'root' | 'vdevs'>

const classOf: Record<string, VdevClass> = {
  dedup: 'dedup',
  special: 'special',
  logs: 'log',
  cache: 'cache',
  spares: 'spare',
}

/** Deeper than ZFS nests: root, top-level, spare, replacing, spare, disk. */
const deepest = 32

/** Columns behind CKSUM that hold a number, `-`, `on` or `off` (`-s`, `--power`, `-d`). Others (`-c`) stay in the note. */
const knownColumns = ['SLOW', 'POWER', 'DIO'] as const

// Looks behind, so that a long run of blanks is passed once.
const stateCell = new RegExp(`(?<= {2})(?:${vdevStates.join('|')})(?= |$)`, 'g')

/**
 * Reads the table of `zpool status`: `print_status_config` of zpool_main.c. The depth of a row is its indentation behind
 * the TAB; published copies have blanks instead of the TAB. Names may hold blanks and be wider than their column.
 */
export function parseConfigTable(lines: readonly string[], poolName: string): ConfigTable {
  const filled = lines.map((line) => line.trimEnd().replaceAll('\t', '        ')).filter((line) => line !== '')
  const [head, ...rows] = filled
  if (head === undefined) throw new NotUnderstood('the config table is missing')
  const columns = extraColumns(head)
  const vdevs: PoolStatus['vdevs'] = { data: [], special: [], dedup: [], log: [], cache: [], spare: [] }
  const [first, ...below] = rows
  if (first === undefined) throw new NotUnderstood('the config table has no row')
  const margin = indentation(first)
  const root = readRow(first, columns, false)
  if (root.name !== poolName) {
    throw new NotUnderstood(`the first row is ${JSON.stringify(root.name)}, not the pool ${JSON.stringify(poolName)}`)
  }

  let vdevClass: VdevClass = 'data'
  let path: { depth: number; children: Vdev[] }[] = [{ depth: 0, children: vdevs.data }]
  for (const row of below) {
    const depth = indentation(row) - margin
    const name = row.trim()
    const opened = depth === 0 ? classOf[name.split(' ', 1)[0] ?? ''] : undefined
    if (opened !== undefined) {
      vdevClass = opened
      path = [{ depth: 0, children: vdevs[opened] }]
      if (name.includes(' ')) {
        // Solaris gives a class a state of its own (message page K4): it stands as a vdev above its members.
        const vdev = readRow(row, columns, false)
        vdevs[opened].push(vdev)
        path = [{ depth: 0, children: vdev.children }]
      }
      continue
    }
    while (path.length > 1 && (path.at(-1)?.depth ?? 0) >= depth) path.pop()
    const parent = path.at(-1)
    if (parent === undefined || depth <= 0 || depth > 2 * deepest) {
      throw new NotUnderstood(`the row ${shown(row)} stands beside the pool, not under it`)
    }
    const vdev = readRow(row, columns, vdevClass === 'spare')
    parent.children.push(vdev)
    path.push({ depth, children: vdev.children })
  }
  const { state, readErrors, writeErrors, checksumErrors, note } = root
  return { root: { state, readErrors, writeErrors, checksumErrors, note }, vdevs }
}

/** `NAME STATE READ WRITE CKSUM SLOW …`: the known columns behind CKSUM. */
function extraColumns(head: string): (typeof knownColumns)[number][] {
  const [name, state, read, write, checksum, ...extra] = head.trim().split(/ +/)
  if (`${name} ${state} ${read} ${write} ${checksum}` !== 'NAME STATE READ WRITE CKSUM') {
    throw new NotUnderstood('the config table has no header NAME STATE READ WRITE CKSUM; is it of `zpool import`?')
  }
  return extra.slice(0, knownColumns.length).flatMap((label) => knownColumns.filter((known) => known === label))
}

function readRow(row: string, columns: readonly (typeof knownColumns)[number][], isSpare: boolean): Vdev {
  const found = [...row.matchAll(stateCell)]
  const [cell] = found
  if (cell === undefined) throw new NotUnderstood(`the row ${shown(row)} has no state that we know`)
  if (found.length > 1) throw new NotUnderstood(`the row ${shown(row)} has more than one state`)
  const name = row.slice(0, cell.index).trim()
  const cells = row.slice(cell.index + cell[0].length)
  const word = badStateInCells(name) ?? badStateInCells(cells)
  if (name === '' || word !== undefined) throw new NotUnderstood(`the row ${shown(row)} is not one that we know`)

  const state = VdevState.parse(cell[0])
  const hasCounters = !isSpare || /^ *\d[\w.,]* +\d/.test(cells.slice(0, 64))
  const { values, rest } = takeCells(cells, hasCounters ? 3 + columns.length : 0, row)
  const [readErrors, writeErrors, checksumErrors] = values.slice(0, 3).map((text) => counter(text, row))
  const extra = Object.fromEntries(columns.map((column, index) => [column, values[index + 3]]))
  const was = /^was (\/.*?)(?: {2}|$)/.exec(rest)?.[1]
  const path = was ?? (name.startsWith('/') ? name : undefined)
  return {
    ...compact({
      name,
      kind: was !== undefined && isGuid(name) ? kindByName(was) : kindByName(name),
      state,
      readErrors: readErrors ?? null,
      writeErrors: writeErrors ?? null,
      checksumErrors: checksumErrors ?? null,
      slowIos: extra['SLOW'] === undefined || extra['SLOW'] === '-' ? undefined : counter(extra['SLOW'], row),
      guid: isGuid(name) ? name : undefined,
      path,
    }),
    note: [...switchNotes(extra, row), rest].filter((part) => part !== '').join('  '),
    children: [],
  }
}

/** What `--power` and `-d` tell, in words, since a {@link Vdev} has no field for it. */
export function switchNotes(extra: { POWER?: string | undefined; DIO?: string | undefined }, row: string): string[] {
  const notes: string[] = []
  if (extra.POWER === 'off') notes.push('power off')
  if (extra.DIO !== undefined && extra.DIO !== '-') {
    const count = counter(extra.DIO, row)
    if (count > 0) notes.push(`${count} direct I/O verify errors`)
  }
  return notes
}

function takeCells(text: string, count: number, row: string): { values: string[]; rest: string } {
  const values: string[] = []
  const next = / +([^ ]+)/y
  for (let index = 0; index < count; index += 1) {
    const match = next.exec(text)
    if (match === null) throw new NotUnderstood(`the row ${shown(row)} has ${index} counters instead of ${count}`)
    values.push(match[1] ?? '')
  }
  return { values, rest: text.slice(count === 0 ? 0 : next.lastIndex).trim() }
}

function counter(text: string, row: string): number {
  const value = humanNumber(text)
  if (value === undefined) throw new NotUnderstood(`${JSON.stringify(text)} in the row ${shown(row)} is no counter`)
  return value
}

const indentation = (line: string): number => line.length - line.trimStart().length

const shown = (row: string): string => JSON.stringify(row.trim().slice(0, 120))
