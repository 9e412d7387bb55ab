import { type Scan, type Vdev, type VdevKind, VdevState } from '../../domain/pool-status.ts'
import { counted, entriesOf, holdsVdevs } from './json-values.ts'
import { RawVdev } from './raw-vdev.ts'
import { noteOf } from './vdev-notes.ts'
import { compact, isGuid, kindByName, NotUnderstood } from './words.ts'

/** Deeper than ZFS nests. */
const deepest = 32

const kinds: Record<string, VdevKind> = {
  disk: 'disk',
  file: 'file',
  mirror: 'mirror',
  raidz: 'raidz',
  draid: 'draid',
  replacing: 'replacing',
  spare: 'spare',
  dspare: 'draid-spare',
  indirect: 'indirect',
}

/** One vdev with all below it, in the words of the text output. */
export function vdevFromJson(value: unknown, running: Scan | undefined, depth = 0): Vdev {
  if (depth > deepest) throw new NotUnderstood('the vdevs nest too deeply')
  const raw = RawVdev.parse(value)
  const children = Object.entries(raw)
    .filter(([key, field]) => key === 'vdevs' || holdsVdevs(field))
    .flatMap(([key, field]) => entriesOf(field, `${key} of ${raw.name}`))
    .map(([, child]) => vdevFromJson(child, running, depth + 1))
  const isLeaf = children.length === 0
  const kind = kinds[raw.vdev_type ?? ''] ?? kindByName(raw.name)
  const state = raw.state === undefined ? stateOfUnfound(kind, raw.name, children) : vdevState(raw.state, raw.aux)
  const [readErrors, writeErrors, checksumErrors] = countersOf(raw)
  return {
    ...compact({
      name: raw.name,
      kind,
      state,
      readErrors,
      writeErrors,
      checksumErrors,
      slowIos: isLeaf ? counted(raw.slow_ios) : undefined,
      guid: raw.guid ?? (isGuid(raw.name) ? raw.name : undefined),
      // A distributed spare has its name for a path.
      path: raw.path?.startsWith('/') === true ? raw.path : undefined,
    }),
    note: noteOf(raw, state, isLeaf, running),
    children,
  }
}

/** Read, write and checksum errors; null where they are not told (spares). */
export function countersOf(raw: RawVdev): [number | null, number | null, number | null] {
  return [counted(raw.read_errors) ?? null, counted(raw.write_errors) ?? null, counted(raw.checksum_errors) ?? null]
}

/** The word of the text for a state and aux of JSON, as `zpool_state_to_name` of libzfs chooses it. */
export function vdevState(word: string, aux: string | undefined): VdevState {
  if (word === 'CLOSED') return 'OFFLINE'
  if (word === 'CANT_OPEN') {
    if (aux === 'CORRUPT_DATA' || aux === 'BAD_LOG') return 'FAULTED'
    return aux === 'SPLIT_POOL' ? 'SPLIT' : 'UNAVAIL'
  }
  const state = VdevState.safeParse(word)
  if (!state.success) throw new NotUnderstood(`the vdev state ${JSON.stringify(word.slice(0, 40))} is unknown`)
  return state.data
}

/**
 * 2.3.2 prints a top-level dRAID without state, type, guid and class: `zpool` does not find it again by its name, which
 * has colons in it (captured, also of a healthy one). Its state follows from its children by the rule of
 * `vdev_draid_state_change`; the text of the same pool agrees. Every other vdev without a state is UNKNOWN, never ONLINE.
 */
function stateOfUnfound(kind: VdevKind, name: string, children: readonly Vdev[]): VdevState {
  const parity = Number(/^draid([123])/.exec(name)?.[1] ?? 1)
  if (kind !== 'draid' || children.length === 0 || children.some(({ state }) => state === 'UNKNOWN')) return 'UNKNOWN'
  if (children.every(({ state }) => state === 'ONLINE')) return 'ONLINE'
  const lost = children.filter(({ state }) => state !== 'ONLINE' && state !== 'DEGRADED').length
  return lost > parity ? 'UNAVAIL' : 'DEGRADED'
}
