import { join } from 'node:path'
import { canonicalPin } from '../domain/pins/canonical-pin.ts'
import { kuboOwnPins } from '../domain/pins/kubo-own-pins.ts'
import type { Content } from '../domain/ports/content.ts'
import type { Pinning } from '../domain/ports/pinning.ts'
import { openSetWriter, type SetNames } from './allocation-sets.ts'
import { openAppender } from './appender.ts'
import { at, keyBytes, packState, recordBytes, statusNumber, trackedBytes } from './format.ts'
import { IndexFailed } from './errors.ts'
import { openPartitions, type Partitions } from './partitions.ts'
import { createKeyWriter, type KeyWriter, sha256 } from './pin-keys.ts'
import type { Pace } from './pace.ts'
import { SeenTrouble } from './seen-trouble.ts'

/** The lists of one store, read to their ends and spread over partitions. */
export interface Lists {
  peer: string
  pins: Partitions
  tracked: Partitions
  /** Undefined where the store has no Kubo that we may ask. */
  inKubo: Partitions | undefined
  keys: KeyWriter
  names: SetNames
  trouble: SeenTrouble
  /** Removes the temporary files. */
  close(): void
}

interface Closable {
  close(): void
}

/**
 * Reads the lists of a peer and of its Kubo. Kubo's first, then the pinset, then what the peer tracks: so a pin that comes
 * meanwhile is no orphan, and one that goes is no lost copy. A list that ends early throws, and nothing is left behind.
 */
export async function listPins(options: {
  folder: string
  pinning: Pinning
  content: Content | undefined
  pace: Pace
  signal: AbortSignal
}): Promise<Lists> {
  const { folder, pinning, content, pace, signal } = options
  const { id: peer } = await pinning.self(signal)
  const keys = createKeyWriter()
  /** What is written to its end when the lists are read, and what is in use until they are joined. */
  const [written, spread]: [Closable[], Closable[]] = [[], []]
  const keep = <T extends Closable>(list: Closable[], one: T): T => {
    list.push(one)
    return one
  }
  const close = (list: Closable[]) => {
    for (const one of list.splice(0)) one.close()
  }
  try {
    let inKubo: Partitions | undefined
    if (content !== undefined) {
      inKubo = keep(spread, openPartitions(join(folder, 'kubo.tmp'), keyBytes))
      const odd = keep(written, openAppender(join(folder, 'odd-kubo')))
      const record = Buffer.alloc(keyBytes)
      for await (const cid of pace(content.pins(signal))) {
        if (kuboOwnPins.has(cid)) continue
        keys.write(cid, record, odd)
        inKubo.add(record)
      }
    }

    const pins = keep(spread, openPartitions(join(folder, 'pins.tmp'), recordBytes))
    const sets = keep(written, openSetWriter(join(folder, 'sets')))
    const odd = keep(written, openAppender(join(folder, 'odd')))
    const record = Buffer.alloc(recordBytes)
    for await (const pin of pace(pinning.allocations(signal))) {
      keys.write(pin.cid, record, odd)
      sha256(canonicalPin(pin)).copy(record, at.digest, 0, 8)
      record.writeUInt32BE(sets.add(pin), at.set)
      const isHeld = pin.replicationMin === -1 || pin.allocations.includes(peer)
      record[at.state] = packState({
        level: 'allocated',
        isHeld,
        status: 'undefined',
        isDirect: pin.mode === 'direct',
      })
      pins.add(record)
    }

    const tracked = keep(spread, openPartitions(join(folder, 'tracked.tmp'), trackedBytes))
    const trouble = new SeenTrouble()
    for await (const pin of pace(pinning.pins([], signal))) {
      keys.write(pin.cid, record, undefined)
      record[keyBytes] = statusNumber.get(pin.status) ?? 0
      tracked.add(record)
      trouble.see(pin)
    }
    const { id: after } = await pinning.self(signal)
    if (after !== peer) throw new IndexFailed('the peer was set up anew while its lists were read')
    close(written)
    return { peer, pins, tracked, inKubo, keys, names: sets.names, trouble, close: () => close(spread) }
  } catch (error) {
    close(written)
    close(spread)
    throw error
  }
}
