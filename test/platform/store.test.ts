import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/adapters/store/open-sqlite.ts'
import { StoreUnusable } from '../../src/domain/ports/run-store.ts'
import { event, run, runId } from '../builders/run.ts'
import { temporaryFolder } from '../builders/temporary-folder.ts'
import { findPostgres } from '../contracts/postgres-server.ts'
import { postgresContract } from '../contracts/postgres.contract.ts'
import { half } from './half.ts'

const programs = findPostgres()

/** Runs a program of mount(8), and says what it says where it fails. */
function must(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
}

async function onSmallFileSystem(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(temporaryFolder(), 'mounted')
  mkdirSync(folder)
  must('mount', '-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', folder)
  try {
    await work(folder)
  } finally {
    must('umount', folder)
  }
}

const isRoot = process.getuid?.() === 0

half('the store', () => {
  test('PostgreSQL is installed (npm run lab -- build installs it)', () => {
    expect(programs).toBeDefined()
  })

  if (programs !== undefined) postgresContract(programs)

  describe.skipIf(!isRoot)('a store on a real file system of 4 MiB (skipped: only root may mount one)', () => {
    test('that is full takes nothing of a transaction, and works again once there is room', async () => {
      await onSmallFileSystem(async (folder) => {
        const store = await openSqliteStore({ path: join(folder, 'store.db') })
        await store.transaction(async (transaction) => transaction.createRun(run(1)))
        const free = statfsSync(folder).bfree * statfsSync(folder).bsize
        writeFileSync(join(folder, 'filler'), Buffer.alloc(free - 64 * 1024))
        let version = 0
        const append = async (): Promise<void> => {
          const next = version + 1
          await store.transaction(async (transaction) => {
            await transaction.append(run(1, { version: next }), [event(next, 'x'.repeat(20_000))])
          })
          version = next
        }
        const refusals: unknown[] = []
        while (refusals.length < 5) await append().catch((error: unknown) => refusals.push(error))
        expect(refusals.every((error) => error instanceof StoreUnusable && error.remedy === 'retry')).toBe(true)
        const read = async () => store.transaction(async (transaction) => transaction.run(runId(1)))
        expect(await read()).toEqual(run(1, { version }))
        rmSync(join(folder, 'filler'))
        await append()
        expect(await read()).toEqual(run(1, { version }))
        await store.close()
      })
    })

    test('that may only be read is told', async () => {
      await onSmallFileSystem(async (folder) => {
        const path = join(folder, 'store.db')
        await (await openSqliteStore({ path })).close()
        must('mount', '-o', 'remount,ro', folder)
        const error = await openSqliteStore({ path }).catch((reason: unknown) => reason)
        expect(error).toBeInstanceOf(StoreUnusable)
        expect(error).toMatchObject({ hint: expect.stringContaining('read-write') as string })
      })
    })
  })
})
