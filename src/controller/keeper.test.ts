import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run, runId } from '../../test/builders/run.ts'
import { temporaryFolder } from '../../test/builders/temporary-folder.ts'
import { writeOnce } from '../adapters/files/write-once.ts'
import { openSqliteStore } from '../adapters/store/open-sqlite.ts'
import { verifyExports } from '../adapters/store/verify-exports.ts'
import { Keep } from '../domain/controller-config.ts'
import { verifyAudit } from '../domain/verify-audit.ts'
import { days, Instant } from '../domain/units.ts'
import { createKeeper } from './keeper.ts'

const began = 1_700_000_000_000
const defaults = Keep.parse({})

async function bench(keep: Partial<Keep> = {}) {
  const folder = temporaryFolder()
  const store = await openSqliteStore({ path: join(folder, 'store.db') })
  onTestFinished(async () => store.close())
  const time = { now: Instant.parse(began) }
  const said: string[] = []
  const exports = join(folder, 'audit')
  const keeper = createKeeper({
    store,
    clock: { now: () => time.now, after: () => () => undefined },
    keep: { ...defaults, ...keep },
    staying: ['hold'],
    writeExport: async (name, text) => writeOnce(exports, name, text),
    log: { info: (text) => void said.push(text), error: (text) => void said.push(`error: ${text}`) },
  })
  const passDays = (count: number) => {
    time.now = Instant.parse(time.now + days(count))
  }
  const add = async (count: number) =>
    store.transaction(async ({ audit }) => {
      for (let each = 0; each < count; each += 1)
        await audit.add({ at: time.now, who: 'ann', what: 'mute', subject: `${each}`, outcome: 'done' })
    })
  const files = (): string[] => readdirSync(exports).toSorted()
  const verifiedFiles = async () => verifyExports(files().map((file) => join(exports, file)))
  return { store, keeper, said, exports, passDays, add, files, verifiedFiles }
}

test('what is older than is kept goes from the audit into a file, and both are one chain', async () => {
  const { store, keeper, passDays, add, files, verifiedFiles } = await bench()
  await add(3)
  passDays(400)
  await add(2)
  passDays(331)
  await keeper.tend()
  // Not yet worth a file.
  expect((await store.audit.origin()).sequence).toBe(0)
  passDays(7)
  await keeper.tend()
  expect(files()).toEqual(['audit-000000000001-000000000003.jsonl'])
  const cut = await store.audit.origin()
  expect(cut.sequence).toBe(3)
  expect(await verifiedFiles()).toEqual({ from: 1, to: 3, hash: cut.hash, fault: null })
  expect(await verifyAudit(store.audit)).toMatchObject({ fault: null, last: { sequence: 6 } })
  expect(await store.audit.list({ limit: 1 })).toMatchObject([{ what: 'cut of the audit', sequence: 6 }])
  passDays(400)
  await keeper.tend()
  expect(await verifiedFiles()).toMatchObject({ from: 1, to: 5, fault: null })
})

test('where there are too many entries, the oldest go, a page in each file', async () => {
  const { store, keeper, add, files, verifiedFiles } = await bench({ mostAudit: 1000 })
  await add(3300)
  await keeper.tend()
  expect(files()).toHaveLength(2)
  expect(await verifiedFiles()).toMatchObject({ from: 1, to: 2000, fault: null })
  expect((await verifyAudit(store.audit)).fault).toBeNull()
  expect((await store.audit.origin()).sequence).toBe(2000)
})

test('what cannot be written into a file first is not cut', async () => {
  const { store, keeper, passDays, add, exports, said } = await bench()
  await add(3)
  passDays(800)
  await add(1)
  writeFileSync(exports, 'in the way')
  await keeper.tend()
  expect((await store.audit.origin()).sequence).toBe(0)
  expect(said.join()).toContain('entries of the audit are kept: cannot write')
})

test('an export that was changed, or of which a line or a file is missing, is told', async () => {
  const { keeper, add, files, exports } = await bench({ mostAudit: 1000 })
  await add(4100)
  await keeper.tend()
  const paths = files().map((file) => join(exports, file))
  const [first = '', second = '', third = ''] = paths
  expect((await verifyExports(paths)).fault).toBeNull()
  expect((await verifyExports([first, third])).fault).toContain('begins after entry 2000')
  const text = readFileSync(second, 'utf8')
  for (const [spoiled, says] of [
    [text.replace('"subject":"1003"', '"subject":"1004"'), 'entry 1004 is not what was written'],
    [text.split('\n').toSpliced(4, 1).join('\n'), 'entry 1004 is missing'],
    ['', 'is empty'],
    ['{}\n', 'no head'],
  ] as const) {
    writeFileSync(second, spoiled)
    expect((await verifyExports(paths)).fault).toContain(says)
  }
})

test('runs and transcripts go by the file of the controller', async () => {
  const { store, keeper, passDays, said } = await bench({ runs: days(10) })
  await store.transaction(async (transaction) => {
    await transaction.createRun(run(1, { state: 'succeeded' }))
    await transaction.createRun(run(2, { state: 'asking' }))
  })
  passDays(9)
  await keeper.tend()
  expect(said).toEqual([])
  passDays(2)
  await keeper.tend()
  const left = await store.transaction(async (transaction) => transaction.runs({ limit: 9 }))
  expect(left.map(({ id }) => id)).toEqual([runId(2)])
  expect(said).toEqual(['1 runs are not kept any more'])
})

test('of more runs that must stay than there are to be, it is told how they are let go', async () => {
  const { store, keeper, said } = await bench({ mostRuns: 2 })
  const add = async (number: number) =>
    store.transaction(async (transaction) =>
      transaction.createRun(run(number, { state: number === 2 ? 'failed' : 'succeeded', procedure: 'hold' })),
    )
  await add(1)
  await add(2)
  await keeper.tend()
  expect(said).toEqual([])
  await add(3)
  await keeper.tend()
  expect(said).toEqual([
    expect.stringMatching(/^error: 3 runs stay, more than the 2 .*\(hold\)\. .* runs undo, or leave/),
  ])
})
