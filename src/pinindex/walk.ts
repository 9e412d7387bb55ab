import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Completeness } from '../domain/ports/content.ts'
import { isAtLeast } from '../domain/pins/copy.ts'
import { maxExceptions, type PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { Instant } from '../domain/units.ts'
import { at, checkOf, packState, recordBytes, unpackState, walkedInstant, walkedMinutes } from './format.ts'
import { type Generation, openGeneration } from './generation.ts'
import { findRecord } from './index-reader.ts'
import { cidOf } from './pin-keys.ts'
import { currentGeneration } from './swap.ts'
import { isDoubtful } from './unclean-stop.ts'
import { readWalkLog, type WalkLog, writeWalkLog } from './walk-log.ts'

/** A copy that is to be walked. */
export interface Due {
  cid: string
  /** Its record, by which it is found again, also in another generation. */
  key: Buffer
}

/**
 * The copies of one index that wait the longest, at most `most`: those that were never walked first. Goes through all records
 * once, and notes how far the walk is.
 */
export function findDue(folder: string, most: number): Due[] {
  const path = currentGeneration(folder)
  if (path === undefined || isDoubtful(folder)) return []
  const generation = openGeneration(path)
  try {
    const copies: PinsetSummary['copies'] = { allocated: 0, pinned: 0, complete: 0, read: 0 }
    let waiting: { minutes: number; cid: string; key: Buffer }[] = []
    let walked = 0
    let oldest: number | undefined
    for (let prefix = 0; prefix < 256; prefix += 1) {
      const records = generation.partition(prefix)
      for (let offset = 0; offset < records.length; offset += recordBytes) {
        const { isHeld, level, status } = unpackState(records[offset + at.state] ?? 0)
        if (!isHeld) continue
        copies[level] += 1
        const minutes = records.readUIntBE(offset + at.walked, 3)
        if (minutes > 0) walked += 1
        if (status !== 'pinned' || !isAtLeast(level, 'pinned')) continue
        oldest = Math.min(oldest ?? minutes, minutes)
        const last = waiting.at(-1)
        if (waiting.length >= 2 * most && last !== undefined && minutes >= last.minutes) continue
        waiting.push({
          minutes,
          cid: cidIn(generation, records, offset),
          key: Buffer.from(records.subarray(offset, offset + recordBytes)),
        })
        if (waiting.length >= 4 * most) waiting = waiting.toSorted((a, b) => a.minutes - b.minutes).slice(0, 2 * most)
      }
    }
    const before = readWalkLog(path)
    const instant = oldest === undefined ? null : walkedInstant(oldest)
    writeWalkLog(path, {
      copies,
      walk: { walked, oldest: instant === null ? null : Instant.parse(instant) },
      incomplete: before?.incomplete ?? [],
      mended: before?.mended ?? [],
    })
    return waiting
      .toSorted((a, b) => a.minutes - b.minutes)
      .slice(0, most)
      .map(({ cid, key }) => ({ cid, key }))
  } finally {
    generation.close()
  }
}

/** Notes what a walk has found, in the generation that counts now; a copy that is none any more is left alone. */
export function noteWalked(folder: string, { cid, key }: Due, found: Completeness, now: Instant): void {
  const path = currentGeneration(folder)
  if (path === undefined || isDoubtful(folder)) return
  const generation = openGeneration(path)
  try {
    const prefix = key[0] ?? 0
    const records = generation.partition(prefix)
    const offset = findInGeneration(generation, records, { cid, key })
    if (offset === undefined) return
    const state = unpackState(records[offset + at.state] ?? 0)
    if (!state.isHeld || state.status !== 'pinned') return
    const isNew = records.readUIntBE(offset + at.walked, 3) === 0
    const level = found.state === 'complete' ? 'complete' : 'pinned'
    records[offset + at.state] = packState({ ...state, level })
    records.writeUIntBE(walkedMinutes(now), offset + at.walked, 3)
    records[offset + at.check] = checkOf(records, offset)
    const file = openSync(join(path, 'records'), 'r+')
    try {
      const changed = recordBytes - at.state
      writeSync(file, records, offset + at.state, changed, generation.positionOf(prefix) + offset + at.state)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    const log = readWalkLog(path) ?? emptyLog(generation.meta.summary)
    log.copies[state.level] -= 1
    log.copies[level] += 1
    if (isNew) log.walk.walked += 1
    log.incomplete = log.incomplete.filter((exception) => exception.cid !== cid)
    log.mended = log.mended.filter((mended) => mended !== cid)
    const before = generation.exceptions().find((one) => one.kind === 'incomplete' && one.cid === cid)
    if (found.state === 'incomplete' && log.incomplete.length < maxExceptions) {
      const reason = `missing ${found.missing}`
      log.incomplete.push({ kind: 'incomplete', cid, name: before?.name ?? '', since: before?.since ?? now, reason })
    } else if (found.state === 'complete' && before !== undefined) {
      log.mended.push(cid)
    }
    writeWalkLog(path, log)
  } finally {
    generation.close()
  }
}

const emptyLog = ({ copies, walk }: PinsetSummary): WalkLog => ({
  copies: { ...copies },
  walk: { ...walk },
  incomplete: [],
  mended: [],
})

const cidIn = (generation: Generation, records: Buffer, offset: number): string =>
  cidOf(records, offset, generation.meta.prefixes, (position, length) => generation.odd(position, length))

/** Prefixes can be numbered otherwise in another generation: what is found must have the CID that was walked. */
function findInGeneration(generation: Generation, records: Buffer, { cid, key }: Due): number | undefined {
  for (let number = 0; number < 256; number += 1) {
    if (number > generation.meta.prefixes.length && number < 255) continue
    const wanted = Buffer.from(key)
    wanted[at.prefix] = number
    const offset = findRecord(records, wanted)
    if (offset !== undefined && cidIn(generation, records, offset) === cid) return offset
  }
  return undefined
}
