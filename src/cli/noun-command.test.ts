import { expect, test } from 'vitest'
import { bench } from '../../test/builders/fleet-view.ts'
import { trouble } from '../../test/builders/readings.ts'
import { tellMissing } from './noun-command.ts'
import { nouns } from './nouns.ts'

const told = (plural: string, { view }: ReturnType<typeof bench>): { status: number; errors: string[] } => {
  const noun = nouns.find((one) => one.plural === plural)
  if (noun === undefined) throw new Error(`there is no noun ${plural}`)
  const errors: string[] = []
  const status = tellMissing(noun, view, {
    write: () => undefined,
    error: (line) => void errors.push(line),
    colours: false,
    columns: 80,
    isInteractive: false,
  })
  return { status, errors }
}

test.each([
  ['pools', 'poolStatus'],
  ['disks', 'poolStatus'],
  ['datasets', 'datasets'],
] as const)('a list of %s that could not be made on one host is missing there, not empty', (plural, look) => {
  const parts = bench()
  expect(told(plural, parts)).toEqual({ status: 0, errors: [] })
  Object.assign(parts.n1.zfs[look], { last: null, trouble: trouble('missing-program') })
  const { status, errors } = told(plural, parts)
  expect(status).toBe(3)
  expect(errors).toEqual([expect.stringContaining(`the ${plural} of n1 could not be seen, so this is not all`)])
  expect(told('hosts', parts)).toEqual({ status: 0, errors: [] })
})

test('an old list is shown as it is; a host without ZFS has none', () => {
  const parts = bench()
  parts.n1.zfs.poolStatus.trouble = trouble('stuck')
  parts.n2.observation.zfs = null
  expect(told('pools', parts)).toEqual({ status: 0, errors: [] })
})

test.each([
  ['whole', / ago$/],
  ['part', / ago, a part$/],
  [undefined, / ago, perhaps a part$/],
] as const)('a scrub of %s is told as such', (extent, words) => {
  const { view, n1 } = bench()
  Object.assign(n1.status.scans[0] ?? {}, { extent })
  const pools = nouns.find(({ plural }) => plural === 'pools')
  expect(pools?.items(view).find(({ id }) => id === 'n1/hot-tier')?.cells[7]).toMatch(words)
})
