import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pin, PinOnPeer, PinStatus } from '../domain/pinning.ts'
import { encodeBase32 } from '../domain/pins/base-text.ts'
import type { Content } from '../domain/ports/content.ts'
import type { Pinning } from '../domain/ports/pinning.ts'
import { Bytes } from '../domain/units.ts'

/** For tests: one peer and its Kubo, as plain lists that a test changes. */
export interface TestStore {
  peer: string
  pins: Map<string, Pin>
  /** What the tracker says where it is not what one would expect: pinned for what is held here, remote for the rest. */
  statuses: Map<string, PinStatus>
  /** What Kubo has beside and instead of what is pinned here. */
  kuboExtra: Set<string>
  kuboLacks: Set<string>
  /** Blocks that are missing, by the CID of the pin. */
  missing: Map<string, string>
  pinning: Pinning
  content: Content
  /** Makes a list end early: after so many items, with this error. */
  cut: { list: 'allocations' | 'pins' | 'kubo'; after: number } | undefined
}

export class ListCut extends Error {}

export const testPeer = (number: number): string => `12D3KooWTestPeer${String(number).padStart(36, 'x')}`

/** A CID of a block of dag-pb whose content nobody has. */
export function testCid(number: number): string {
  const hash = createHash('sha256').update(String(number)).digest()
  return `b${encodeBase32(Uint8Array.from([1, 0x70, 0x12, 32, ...hash]))}`
}

/** A CID that holds its own content: no plain one. */
export const oddCid = (number: number): string => {
  const content = Buffer.from(`content ${number}`)
  return `b${encodeBase32(Uint8Array.from([1, 0x55, 0, content.length, ...content]))}`
}

export function testPin(cid: string, changed: Partial<Pin> = {}): Pin {
  return {
    cid,
    name: `name of ${cid.slice(-6)}`,
    type: 'pin',
    mode: 'recursive',
    allocations: [testPeer(1), testPeer(2)],
    replicationMin: 2,
    replicationMax: 3,
    metadata: {},
    expiresAt: null,
    timestamp: '2026-11-23T07:30:01Z',
    ...changed,
  }
}

export function testStore(peer: string): TestStore {
  const isHeld = (pin: Pin) => pin.replicationMin === -1 || pin.allocations.includes(peer)
  const statusOf = (pin: Pin): PinStatus => store.statuses.get(pin.cid) ?? (isHeld(pin) ? 'pinned' : 'remote')
  async function* list<T>(name: NonNullable<TestStore['cut']>['list'], items: Iterable<T>): AsyncGenerator<T> {
    let given = 0
    for (const item of items) {
      if (store.cut?.list === name && given === store.cut.after) throw new ListCut(`${name} ended early`)
      yield item
      given += 1
    }
    if (store.cut?.list === name && given === store.cut.after) throw new ListCut(`${name} ended early`)
  }
  const tracked = (pin: Pin): PinOnPeer => {
    const status = statusOf(pin)
    const error = status.endsWith('error') ? `no luck with ${pin.cid.slice(-6)}` : ''
    return { cid: pin.cid, name: pin.name, peer, status, error, attempts: 0, since: pin.timestamp }
  }
  const store: TestStore = {
    peer,
    pins: new Map(),
    statuses: new Map(),
    kuboExtra: new Set(),
    kuboLacks: new Set(),
    missing: new Map(),
    cut: undefined,
    pinning: {
      self: async () => ({
        id: peer,
        name: 'p',
        version: '1.1.6',
        sees: [peer],
        addresses: [],
        error: '',
        kubo: { id: 'k', error: '' },
      }),
      peers: () => list('pins', []),
      allocations: () => list('allocations', store.pins.values()),
      allocation: async (cid) => store.pins.get(cid),
      pins: () =>
        list(
          'pins',
          [...store.pins.values()].map((pin) => tracked(pin)),
        ),
      metricNames: async () => [],
      metrics: async () => [],
    },
    content: {
      self: async () => ({
        id: 'k',
        version: '0.43.0',
        addresses: [],
        repoSize: Bytes.parse(0),
        storageMax: null,
      }),
      settings: async () => ({ api: [], gateway: [], provideStrategy: null }),
      complete: async (cid) =>
        store.missing.has(cid)
          ? { state: 'incomplete', missing: store.missing.get(cid) ?? '' }
          : { state: 'complete', blocks: 3 },
      pins: () => {
        const own = [...store.pins.values()].filter((pin) => isHeld(pin) && statusOf(pin) === 'pinned')
        const cids = new Set([...own.map(({ cid }) => cid), ...store.kuboExtra])
        return list('kubo', cids.difference(store.kuboLacks))
      },
    },
  }
  return store
}

/** A folder that is gone when the test is over. */
export function testFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'tiercel-pins-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
