import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from '../domain/errors.ts'
import { addPin, emptySum, sumText } from '../domain/pins/digest-tree.ts'
import type { PinGroup } from '../domain/pins/pin-group.ts'
import { PinException } from '../domain/pins/pinset-summary.ts'
import { readSets } from './allocation-sets.ts'
import { at, recordBytes } from './format.ts'
import { IndexFailed } from './errors.ts'
import { Meta } from './meta.ts'

/** One whole generation of an index, open for reading. Its files stay readable when a newer one has taken its place. */
export interface Generation {
  readonly path: string
  readonly meta: Meta
  /** The records whose key begins with this byte, in order. Throws {@link IndexFailed} where they are not what was written. */
  partition(prefix: number): Buffer
  /** Where that part begins in the file. */
  positionOf(prefix: number): number
  odd(position: number, length: number): Buffer
  /** The bytes of `sets` from a place on, enough for one set. */
  set(position: number): Buffer
  groups(): Generator<PinGroup>
  exceptions(): PinException[]
  close(): void
}

/** Opens a generation. Throws {@link IndexFailed} where a file is missing, cut, or of something else. */
export function openGeneration(path: string): Generation {
  const meta = readMeta(path)
  const starts: number[] = []
  let pins = 0
  for (const node of meta.nodes) {
    starts.push(pins * recordBytes)
    pins += node.pins
  }
  if (pins !== meta.summary.pins) throw new IndexFailed(`${path} counts ${pins} pins and says ${meta.summary.pins}`)
  const files: number[] = []
  const close = () => {
    for (const file of files.splice(0)) closeSync(file)
  }
  const open = (name: string): number => {
    const file = openSync(join(path, name), 'r')
    files.push(file)
    return file
  }
  let [records, sets, odds]: number[] = []
  try {
    ;[records, sets, odds] = [open('records'), open('sets'), open('odd')]
  } catch (error) {
    close()
    throw new IndexFailed(`the pin index in ${path} cannot be read`, { cause: error })
  }
  const read = (file: number | undefined, position: number, length: number): Buffer => {
    if (file === undefined) throw new IndexFailed(`${path} is closed`)
    const bytes = Buffer.allocUnsafe(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, position))
  }
  const whole = (file: number | undefined, position: number, length: number): Buffer => {
    const bytes = read(file, position, length)
    if (bytes.length !== length) throw new IndexFailed(`the pin index in ${path} was cut`)
    return bytes
  }
  const positionOf = (prefix: number): number => starts[prefix] ?? 0
  return {
    path,
    meta,
    positionOf,
    partition(prefix) {
      const node = meta.nodes[prefix]
      if (node === undefined) return Buffer.alloc(0)
      const bytes = whole(records, positionOf(prefix), node.pins * recordBytes)
      const sum = emptySum()
      for (let offset = 0; offset < bytes.length; offset += recordBytes) {
        addPin(sum, bytes.readUInt32BE(offset + at.digest), bytes.readUInt32BE(offset + at.digest + 4))
      }
      if (sumText(sum) !== node.sum) throw new IndexFailed(`the pin index in ${path} is not as it was written`)
      return bytes
    },
    odd: (position, length) => whole(odds, position, length),
    set: (position) => read(sets, position, longestSet),
    groups() {
      if (sets === undefined) throw new IndexFailed(`${path} is closed`)
      return readSets(sets, meta)
    },
    exceptions: () => readExceptions(join(path, 'exceptions')),
    close,
  }
}

/** A set with as many holders as there may be peers. */
const longestSet = 7 + 2 * 65_535

/** The meta data of a generation, with the sizes of its files checked. */
export function readMeta(path: string): Meta {
  try {
    const meta = Meta.parse(JSON.parse(readFileSync(join(path, 'meta.json'), 'utf8')))
    for (const [name, size] of Object.entries(meta.sizes)) {
      const found = statSync(join(path, name)).size
      if (found !== size) throw new IndexFailed(`${name} has ${found} bytes, not ${size}`)
    }
    return meta
  } catch (error) {
    throw new IndexFailed(
      `${path} is not a pin index of this Tiercel, or was damaged (${explain(error).slice(0, 300)}); it is made anew from the lists`,
    )
  }
}

export function readExceptions(path: string): PinException[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => PinException.parse(JSON.parse(line)))
}
