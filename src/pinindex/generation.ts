import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from '../domain/errors.ts'
import { addPin, emptySum, sumText } from '../domain/pins/digest-tree.ts'
import { entry, entryBytes, groupAt, type PackedGroups, read16 } from '../domain/pins/packed-groups.ts'
import type { PinGroup } from '../domain/pins/pin-group.ts'
import { PinException } from '../domain/pins/pinset-summary.ts'
import { wholeSets } from './allocation-sets.ts'
import { IndexFailed } from './errors.ts'
import { at, checkOf, compareKeys, recordBytes } from './format.ts'
import { Meta } from './meta.ts'
import { openSealed, unsealedText } from './sealed-file.ts'

/**
 * One whole generation of an index, open for reading. Its files stay readable when a newer one has taken its place. All of it
 * throws {@link IndexFailed} for what is not as it was written.
 */
export interface Generation {
  readonly path: string
  readonly meta: Meta
  /** The records whose key begins with this byte, in order. */
  partition(prefix: number): Buffer
  /** Where that part begins in the file. */
  positionOf(prefix: number): number
  /** The record with the key of `wanted`, without reading its whole part. */
  find(wanted: Buffer): Buffer | undefined
  odd(position: number, length: number): Buffer
  /** The group at a place in `sets`. */
  set(position: number): PinGroup
  /** All of them; they add up to the pins of the summary. */
  groups(): Generator<PackedGroups>
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
  const { records, sets, odd, exceptions, close } = openFiles(path, meta)
  const whole = (position: number, length: number): Buffer => {
    const bytes = Buffer.allocUnsafe(length)
    if (readSync(records, bytes, 0, length, position) !== length) {
      throw new IndexFailed(`the pin index in ${path} was cut`)
    }
    for (let offset = 0; offset < length; offset += recordBytes) {
      if (bytes[offset + at.check] !== checkOf(bytes, offset)) {
        throw new IndexFailed(`the pin index in ${path} is not as it was written`)
      }
    }
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
      const bytes = whole(positionOf(prefix), node.pins * recordBytes)
      const sum = emptySum()
      for (let offset = 0; offset < bytes.length; offset += recordBytes) {
        addPin(sum, bytes.readUInt32BE(offset + at.digest), bytes.readUInt32BE(offset + at.digest + 4))
      }
      if (sumText(sum) !== node.sum) throw new IndexFailed(`the pin index in ${path} is not as it was written`)
      return bytes
    },
    find(wanted) {
      const prefix = wanted[0] ?? 0
      let low = 0
      let high = meta.nodes[prefix]?.pins ?? 0
      while (low < high) {
        const middle = (low + high) >>> 1
        const record = whole(positionOf(prefix) + middle * recordBytes, recordBytes)
        const order = compareKeys(record, 0, wanted, 0)
        if (order === 0) return record
        if (order < 0) low = middle + 1
        else high = middle
      }
      return undefined
    },
    odd(position, length) {
      const bytes = odd.read(position, length)
      if (bytes.length !== length) throw new IndexFailed(`the pin index in ${path} was cut`)
      return bytes
    },
    set(position) {
      const head = sets.read(position, entry.holders)
      const [set] = wholeSets([sets.read(position, entryBytes(read16(head, entry.count)))], meta)
      if (set === undefined) throw new IndexFailed(`the pin index in ${path} was cut`)
      return groupAt(set, 0)
    },
    *groups() {
      let given = 0
      for (const groups of wholeSets(sets.blocks(), meta)) {
        given += groups.pins
        yield groups
      }
      if (given !== pins) throw new IndexFailed(`the groups in ${path} have ${given} pins, and it has ${pins}`)
    },
    exceptions: () => {
      const lines = Buffer.concat([...exceptions.blocks()].map((block) => Buffer.from(block))).toString('utf8')
      return lines.split('\n').flatMap((line) => (line === '' ? [] : [PinException.parse(JSON.parse(line))]))
    },
    close,
  }
}

function openFiles(path: string, { seals }: Meta) {
  const closing: (() => void)[] = []
  const close = () => {
    for (const one of closing.splice(0)) one()
  }
  const sealed = (name: keyof typeof seals) => {
    const file = openSealed(join(path, name), seals[name])
    closing.push(() => file.close())
    return file
  }
  try {
    const records = openSync(join(path, 'records'), 'r')
    closing.push(() => closeSync(records))
    return { records, sets: sealed('sets'), odd: sealed('odd'), exceptions: sealed('exceptions'), close }
  } catch (error) {
    close()
    throw new IndexFailed(`the pin index in ${path} cannot be read`, { cause: error })
  }
}

/** The meta data of a generation, with the sizes of its files checked. */
export function readMeta(path: string): Meta {
  try {
    const meta = Meta.parse(JSON.parse(unsealedText(readFileSync(join(path, 'meta.json'), 'utf8'))))
    for (const [name, { size }] of Object.entries({ records: { size: meta.recordsSize }, ...meta.seals })) {
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
