import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { PinStatus } from '../domain/pinning.ts'
import type { CopyLevel } from '../domain/pins/copy.ts'
import { isAtLeast } from '../domain/pins/copy.ts'
import { exceptionOf } from '../domain/pins/copy-state.ts'
import type { PinExceptionKind } from '../domain/pins/pinset-summary.ts'
import type { ExceptionKeeper } from './exception-keeper.ts'
import {
  at,
  compareKeys,
  keyBytes,
  packState,
  recordBytes,
  statusOf,
  trackedBytes,
  unpackState,
  walkedInstant,
} from './format.ts'
import { IndexFailed } from './errors.ts'
import type { Lists } from './list-pins.ts'
import { cidOf } from './pin-keys.ts'

/** What is known of one pin of the pinset after the lists were joined. */
export interface JoinedPin {
  level: CopyLevel
  isHeld: boolean
  /** Undefined where the peer's list did not have it. */
  status: PinStatus | undefined
  /** How it is other than the pinset says. */
  exception: PinExceptionKind | undefined
}

/** One partition of every list, each sorted by key. `pins` is changed in place: state, and when it was walked. */
export interface Partition {
  pins: Buffer
  tracked: Buffer
  inKubo: Buffer | undefined
  /** The same partition of the index before, with its prefixes renumbered. */
  previous: Buffer | undefined
  building: string
  lists: Lists
  exceptions: ExceptionKeeper
  /** Called for every pin, with where it stands in `pins`. */
  take: (pin: JoinedPin, offset: number, walkedAt: number | null) => void
}

/** Goes through all lists side by side. */
export function joinLists({ pins, tracked, inKubo, previous, building, lists, exceptions, take }: Partition): void {
  const follow = (list: Buffer | undefined, size: number) => follower(list ?? Buffer.alloc(0), size, pins)
  const inTracked = follow(tracked, trackedBytes)
  const inKuboList = follow(inKubo, keyBytes)
  const inPrevious = follow(previous, recordBytes)
  const cidAt = (list: Buffer, offset: number, odd: string) =>
    cidOf(list, offset, lists.keys.prefixes, (position, length) => readAt(join(building, odd), position, length))
  const orphan = (offset: number) => {
    if (inKubo === undefined) return
    if (exceptions.isFull('orphan')) exceptions.count('orphan')
    else exceptions.keep({ kind: 'orphan', cid: cidAt(inKubo, offset, 'odd-kubo'), name: '', reason: '' })
  }

  let before: number | undefined
  for (let offset = 0; offset < pins.length; offset += recordBytes) {
    if (before !== undefined && compareKeys(pins, before, pins, offset) === 0) {
      throw new IndexFailed('the peer has listed one pin twice: its list was changed while it was read')
    }
    before = offset
    const { isHeld, isDirect } = unpackState(pins[offset + at.state] ?? 0)
    const trackedAt = inTracked(offset, undefined)
    const status = trackedAt === undefined ? undefined : statusOf(tracked[trackedAt + keyBytes] ?? 0)
    const kuboAt = inKuboList(offset, orphan)
    const seen = { isHeld, isDirect, status, isInKubo: inKubo === undefined ? undefined : kuboAt !== undefined }
    const kind = exceptionOf(seen)
    const previousAt = inPrevious(offset, undefined)

    const isPinned = isHeld && (status === 'pinned' || (isDirect && status === 'unexpectedly_unpinned'))
    let level: CopyLevel = isPinned && status === 'pinned' ? 'pinned' : 'allocated'
    let minutes = 0
    if (isPinned && previous !== undefined && previousAt !== undefined) {
      // What was walked stays walked while the pin stays: Kubo collects no block of a pin.
      const last = unpackState(previous[previousAt + at.state] ?? 0)
      if (last.isHeld && isAtLeast(last.level, 'pinned')) {
        minutes = previous.readUIntBE(previousAt + at.walked, 3)
        if (isAtLeast(last.level, 'complete')) level = last.level
      }
    }
    if (kind !== undefined) {
      if (exceptions.isFull(kind)) exceptions.count(kind)
      else {
        const cid = cidAt(pins, offset, 'odd')
        exceptions.keep({ kind, cid, ...lists.trouble.of(cid), ...(kuboAt === undefined ? {} : { isInKubo: true }) })
      }
    } else if (isPinned && level === 'pinned' && minutes > 0) {
      // Walked, and still not complete: a block was missing.
      exceptions.carryIncomplete(cidAt(pins, offset, 'odd'))
    }
    pins[offset + at.state] = packState({ level, isHeld, status: status ?? 'undefined', isDirect })
    pins.writeUIntBE(minutes, offset + at.walked, 3)
    take({ level, isHeld, status, exception: kind }, offset, walkedInstant(minutes))
  }
  inKuboList(undefined, orphan)
}

/**
 * Finds, in a sorted list, the record of each pin in turn: where it stands, or undefined. What the list has and the pinset has
 * not is given to `skipped`. Asked without a pin, it skips the rest.
 */
function follower(list: Buffer, size: number, pins: Buffer) {
  let here = 0
  return (pin: number | undefined, skipped: ((offset: number) => void) | undefined): number | undefined => {
    while (here < list.length) {
      const order = pin === undefined ? -1 : compareKeys(list, here, pins, pin)
      if (order > 0) return undefined
      const found = here
      here += size
      if (order === 0) return found
      skipped?.(found)
    }
    return undefined
  }
}

function readAt(path: string, position: number, length: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    if (readSync(file, bytes, 0, length, position) !== length) throw new IndexFailed(`${path} is too short`)
    return bytes
  } finally {
    closeSync(file)
  }
}
