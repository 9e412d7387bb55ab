import type { PinOnPeer, PinStatus } from '../domain/pinning.ts'
import { maxExceptions } from '../domain/pins/pinset-summary.ts'

const quiet: readonly PinStatus[] = ['pinned', 'remote', 'sharded', 'unpinning', 'unpin_queued']

/** What a peer says of the pins that it has trouble with: name and reason, for so many of each state as are kept by name. */
export class SeenTrouble {
  readonly #pins = new Map<string, { name: string; reason: string }>()
  readonly #counts = new Map<PinStatus, number>()

  see({ cid, name, status, error }: PinOnPeer): void {
    if (quiet.includes(status)) return
    const count = (this.#counts.get(status) ?? 0) + 1
    this.#counts.set(status, count)
    if (count <= maxExceptions) this.#pins.set(cid, { name: name.slice(0, longest), reason: error.slice(0, longest) })
  }

  of(cid: string): { name: string; reason: string } {
    return this.#pins.get(cid) ?? { name: '', reason: '' }
  }
}

/** A reason is a sentence; a name can be anything. */
const longest = 500
