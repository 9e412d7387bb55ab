import { z } from 'zod'
import { blockOfFlatfsFile } from '../../domain/pins/flatfs-block.ts'
import { cidsOfBlock } from '../../domain/pins/cids-of-block.ts'
import type { World } from '../world.ts'

/** How many damaged files are looked into; the rest is counted. */
const maxFiles = 100

/** What damaged files mean for pins, as far as it can be told without reading all content. */
export const Damage = z.object({
  /** Those that are named, at most 100. */
  files: z.array(z.string()),
  /** Blocks of Kubo that lie in them, by the CID of `ipfs repo verify`. */
  blocks: z.array(z.string()),
  /** Pins that are known to need one of the blocks: it is their root, or their copy was found incomplete for want of it. */
  pins: z.array(z.object({ store: z.string(), cid: z.string(), block: z.string() })),
  /** Blocks of which no pin is known: they lie below some pin. */
  unclaimed: z.array(z.string()),
  /** Stores whose pins could not be looked into, with the reason. */
  unseen: z.array(z.object({ store: z.string(), why: z.string() })),
})
export type Damage = z.infer<typeof Damage>

/** Which blocks lie in damaged files of a pool, and which pins of its stores need them. */
export async function damageOf(
  world: World,
  { host, stores }: { host: string; stores: readonly string[] },
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Damage> {
  const files = paths.slice(0, maxFiles)
  const blocks = [...new Set(files.map((path) => blockOfFlatfsFile(path)).filter((block) => block !== undefined))]
  const pins: Damage['pins'] = []
  const unseen: Damage['unseen'] = []
  if (blocks.length > 0) {
    for (const store of stores) {
      try {
        pins.push(...(await pinsOf(world, host, store, blocks, signal)))
      } catch (error) {
        signal.throwIfAborted()
        unseen.push({ store: `${host}/${store}`, why: error instanceof Error ? error.message : String(error) })
      }
    }
  }
  const claimed = new Set(pins.map(({ block }) => block))
  return { files, blocks, pins, unclaimed: blocks.filter((block) => !claimed.has(block)), unseen }
}

async function pinsOf(
  world: World,
  host: string,
  store: string,
  blocks: readonly string[],
  signal: AbortSignal,
): Promise<Damage['pins']> {
  const index = world.pins(host, store)
  await index.summary(signal)
  const found = new Map<string, { store: string; cid: string; block: string }>()
  const add = (cid: string, block: string) => found.set(`${cid} ${block}`, { store: `${host}/${store}`, cid, block })
  const names = new Map(blocks.map((block) => [block, cidsOfBlock(block)]))
  for (const [block, cids] of names) {
    for (const cid of cids) if ((await index.pin(cid, signal)) !== undefined) add(cid, block)
  }
  for await (const { cid, reason } of index.exceptions('incomplete', signal)) {
    for (const [block, cids] of names) if (cids.some((name) => reason.includes(name))) add(cid, block)
  }
  return [...found.values()]
}

/** What a pool lists as damaged and what that means, in some words each; `count` is null where it does not tell. */
export function damageInWords(count: number | null, { files, blocks, pins, unclaimed }: Damage): string[] {
  const words: string[] = []
  if (count === null) words.push('it does not tell which files are damaged')
  else if (count > 0) words.push(things(count, 'damaged file or object', 'damaged files or objects'))
  if (count !== null && count > 0 && files.length === 0) words.push('they are not named without the rights of root')
  if (blocks.length > 0) words.push(`${things(blocks.length, 'block')} of Kubo in them`)
  if (pins.length > 0) {
    const named = pins.slice(0, 3).map(({ cid, store }) => `${cid} (${store})`)
    words.push(`${things(pins.length, 'pin')} endangered: ${named.join(', ')}${pins.length > 3 ? ', …' : ''}`)
  }
  if (unclaimed.length > 0) {
    words.push(`of ${things(unclaimed.length, 'block')} it is not known yet which pins need it`)
  }
  return words
}

export const things = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
