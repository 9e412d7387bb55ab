import { z } from 'zod'
import { DatasetName } from '../domain/fleet.ts'
import { seconds } from '../domain/units.ts'
import type { Command, Ended, Guard, Meaning } from './operation.ts'
import { rootOperation } from './operation.ts'
import { Guid, objectionToState } from './pool-target.ts'

/** So many snapshots one operation holds or releases at most: one takes 0.13 s. */
export const mostHeldAtOnce = 20

/** Snapshots of one dataset, as both operations on holds name them: the guids are checked right before. */
export const heldWords = {
  dataset: DatasetName,
  snapshots: z
    .array(z.strictObject({ name: z.string().regex(/^[A-Za-z0-9_.:-][A-Za-z0-9_.: -]{0,127}$/), guid: Guid }))
    .min(1)
    .max(mostHeldAtOnce),
}
type Held = z.output<z.ZodObject<typeof heldWords>>

/** The tag of what an operation has held: by it is known whose it is. */
export const tagOf = (operation: string): string => `tiercel-${operation}`

export const namesOf = ({ dataset, snapshots }: Held): string[] => snapshots.map(({ name }) => `${dataset}@${name}`)

export const heldExample = { dataset: 'POOL/DATASET', snapshots: [{ name: 'NAME', guid: '1' }] }

/** What both have in common: a pool that answers, and snapshots that are the ones that are meant. */
export const onHolds = {
  scopes: (words: Held) => namesOf(words).map((name) => ({ kind: 'snapshot' as const, name })),
  subjects: (words: Held) => namesOf(words).map((name) => `snapshot:${name}`),
  deadline: seconds(60),
  guard: {
    pools: ({ dataset }) => [dataset.split('/', 1)[0] ?? dataset],
    objectionTo: objectionToState,
    looks: (words) => [
      { file: 'zfs', args: ['list', '-H', '-p', '-t', 'snapshot', '-o', 'name,guid', ...namesOf(words)] },
    ],
    objection: ({ dataset, snapshots }, [stdout = '']) => {
      const guids = new Map(
        stdout.split('\n').map((line): [string, string] => [line.split('\t')[0] ?? '', line.split('\t')[1] ?? '']),
      )
      const other = snapshots.find(({ name, guid }) => guids.get(`${dataset}@${name}`) !== guid)
      if (other === undefined) return undefined
      const found = guids.get(`${dataset}@${other.name}`) ?? 'none'
      return `the snapshot ${dataset}@${other.name} has the guid ${found}, and ${other.guid} is meant: it was made anew`
    },
  } satisfies Guard<Held>,
} as const

/** Several holds are not one: each is held or released by itself, so what has come of them is read back. */
export const readHolds = (words: Held): Command[] => [{ file: 'zfs', args: ['holds', '-H', ...namesOf(words)] }]

/** The snapshots that carry a tag, or that it could not be read. */
export function withTag(ended: Ended | undefined, tags: readonly string[]): Set<string> | undefined {
  if (ended?.exitCode !== 0) return undefined
  const found = ended.stdout.split('\n').map((line) => line.split('\t'))
  return new Set(found.flatMap(([name, tag]) => (name !== undefined && tags.includes(tag ?? '') ? [name] : [])))
}

export const notRead = (ended: Ended | undefined) =>
  ({ remedy: 'ask', says: `what is held now cannot be read: ${ended?.stderr.trim() ?? ''}` }) as const

/** Of both, on 2.1.11 and 2.3.2. The first that fits counts: where one is gone, that others were held already says nothing. */
export const holdMeanings = (so: RegExp): Meaning<Held, never>[] => [
  {
    seen: '2.1.11, 2.3.2',
    pattern: /: dataset does not exist$/m,
    meaning: () => ({ remedy: 'ask', says: 'a snapshot is gone; what can be held or released of the others was' }),
  },
  {
    seen: '2.1.11, 2.3.2: pool is read-only',
    pattern: /: pool is read-only$/m,
    meaning: () => ({ remedy: 'ask', says: 'the pool does not take it' }),
  },
  { seen: '2.1.11, 2.3.2', pattern: so, meaning: () => 'so' },
]

export const datasetHold = rootOperation({
  ...onHolds,
  kind: 'dataset-hold',
  about:
    'Holds snapshots of a dataset (`zfs hold`): while they are held, nothing destroys them. The tag is `tiercel-` and the id of the operation.',
  Words: heldWords,
  Result: z.object({ tag: z.string(), held: z.int() }),
  results: '`held`: how many snapshots carry the tag, all of them',
  example: heldExample,
  commands: (words, id) => [{ file: 'zfs', args: ['hold', tagOf(id), ...namesOf(words)] }],
  meanings: holdMeanings(/: tag already exists on this dataset$/m),
  reads: readHolds,
  read: (words, [ended], id) => {
    const held = withTag(ended, [tagOf(id)])
    if (held === undefined) return notRead(ended)
    const missing = namesOf(words).filter((name) => !held.has(name))
    return missing.length === 0
      ? { result: { tag: tagOf(id), held: held.size } }
      : { remedy: 'ask', says: `not held: ${missing.join(', ')}` }
  },
})
