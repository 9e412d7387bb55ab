import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Content } from '../../src/domain/ports/content.ts'
import { KuboSettings } from '../../src/domain/daemons.ts'
import { Kubo } from '../../src/domain/kubo.ts'
import { eventually } from './eventually.ts'
import { newAbsentCid } from '../builders/new-cid.ts'

/** One Kubo, and the means to pin in it. What else it has pinned is left alone. */
export interface ContentBench {
  content: Content
  /** A CID, another one at each call, that is not pinned, and that this Kubo can pin at once. */
  newCid(): string
  pin(cid: string): Promise<void>
  unpin(cid: string): Promise<void>
  /** Lets a little of the Kubo's time pass: half a second of the real one's. */
  settle: () => Promise<void>
  close(): Promise<void>
}

/** What every content must do: the simulator, the simulator over HTTP, and the real Kubo. */
export function contentContract(name: string, open: () => Promise<ContentBench>): void {
  describe(`content: ${name}`, () => {
    let bench: ContentBench
    beforeAll(async () => {
      bench = await open()
    })
    afterAll(() => bench?.close())

    const pinnedCids = async () => Array.fromAsync(bench.content.pins())

    test('describes itself', async () => {
      const self = await bench.content.self()
      expect(Kubo.parse(self)).toEqual(self)
      expect(self.version).toMatch(/^\d+\.\d+\.\d+/)
      expect(self.id).not.toBe('')
    })

    test('tells where its APIs listen', async () => {
      const settings = await bench.content.settings()
      expect(KuboSettings.parse(settings)).toEqual(settings)
      for (const address of [...settings.api, ...settings.gateway]) expect(address).toMatch(/^\//)
    })

    test('lists what is pinned recursively, each once, and no more what was unpinned', async () => {
      const [kept, dropped, never] = [bench.newCid(), bench.newCid(), bench.newCid()]
      await bench.pin(kept)
      await bench.pin(dropped)
      const before = await eventually(pinnedCids, {
        isThere: (cids) => cids.includes(kept) && cids.includes(dropped),
        settle: bench.settle,
      })
      expect(before).toEqual(expect.arrayContaining([kept, dropped]))
      expect(before).not.toContain(never)
      expect(new Set(before).size).toBe(before.length)
      await bench.unpin(dropped)
      const after = await eventually(pinnedCids, {
        isThere: (cids) => !cids.includes(dropped),
        settle: bench.settle,
      })
      expect(after).toContain(kept)
      expect(after).not.toContain(dropped)
      await bench.unpin(kept)
    })

    test('walks all blocks of what is pinned, and names the first that is missing of what is not there', async () => {
      const cid = bench.newCid()
      await bench.pin(cid)
      await eventually(pinnedCids, { isThere: (cids) => cids.includes(cid), settle: bench.settle })
      expect(await bench.content.complete(cid)).toMatchObject({ state: 'complete' })
      const absent = newAbsentCid()
      expect(await bench.content.complete(absent)).toEqual({ state: 'incomplete', missing: absent })
      await bench.unpin(cid)
    })

    test('stops with the reason of its signal, before and in the middle of a list', async () => {
      const reason = new Error('enough')
      const signal = AbortSignal.abort(reason)
      await expect(bench.content.self(signal)).rejects.toBe(reason)
      await expect(bench.content.settings(signal)).rejects.toBe(reason)
      await expect(Array.fromAsync(bench.content.pins(signal))).rejects.toBe(reason)
      const cids = [bench.newCid(), bench.newCid()]
      for (const cid of cids) await bench.pin(cid)
      const controller = new AbortController()
      const reading = (async () => {
        for await (const cid of bench.content.pins(controller.signal)) controller.abort(reason ?? cid)
      })()
      await expect(reading).rejects.toBe(reason)
      for (const cid of cids) await bench.unpin(cid)
    })

    test('goes on after a list that was left early', async () => {
      const cid = bench.newCid()
      await bench.pin(cid)
      for await (const first of bench.content.pins()) {
        expect(first).not.toBe('')
        break
      }
      expect(await pinnedCids()).toContain(cid)
      await bench.unpin(cid)
    })
  })
}
