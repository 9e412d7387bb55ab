import type { Pinning } from '../domain/ports/pinning.ts'
import type { PinIndex } from '../domain/ports/pin-index.ts'
import { openIndexReader } from './index-reader.ts'
import type { Refresher } from './refresher.ts'

/** The pin index of one store of this machine: read from its files, made anew by `refresher`. */
export function localPinIndex(options: { folder: string; pinning: Pinning; refresher: Refresher }): PinIndex {
  const { folder, pinning, refresher } = options
  const reader = openIndexReader(folder)
  return {
    summary: async (signal) => {
      signal?.throwIfAborted()
      refresher.throwIfFailed()
      return reader.summary()
    },
    snapshot: async (use, signal) => {
      signal?.throwIfAborted()
      refresher.throwIfFailed()
      return reader.snapshot(use)
    },
    groups: (signal) => reader.groups(signal),
    exceptions: (kind, signal) => reader.exceptions(kind, signal),
    nodes: (level, prefixes, signal) => reader.nodes(level, prefixes, signal),
    records: (buckets, signal) => reader.records(buckets, signal),
    pin: (cid, signal) => reader.pin(cid, signal),
    allocation: (cid, signal) => pinning.allocation(cid, signal),
    refresh: async (signal) => {
      await refresher.refresh(signal)
      return reader.summary()
    },
  }
}
