import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { OperationId } from '../../src/domain/operation.ts'
import type { ControllerStore } from '../../src/domain/ports/controller-store.ts'
import { verifyAudit } from '../../src/domain/verify-audit.ts'
import { runId } from '../builders/run.ts'

/** How another process, and this one, come to the same store. */
export interface CrashBench {
  env: Record<string, string>
  open(): Promise<ControllerStore>
  remove(): Promise<void>
}

/** A process that is killed while it writes: what it was told is stored is there, and nothing half. */
export function crashContract(name: string, makeBench: () => Promise<CrashBench>, rounds: number): void {
  describe(`${name}: a process that is killed`, { timeout: 240_000 }, () => {
    test('loses nothing that was acknowledged, and leaves nothing half-written', async () => {
      const bench = await makeBench()
      try {
        for (let round = 0; round < rounds; round += 1) {
          const acknowledged = await writeUntilKilled(bench.env)
          const stored = await readAll(bench)
          expect(stored.version).toBeGreaterThanOrEqual(acknowledged)
          expect(stored.version).toBeLessThanOrEqual(acknowledged + 1)
          expect(stored).toEqual(wholeAt(stored.version))
        }
      } finally {
        await bench.remove()
      }
    })

    test('would lose some if it were acknowledged before it is stored (the control)', async () => {
      const bench = await makeBench()
      try {
        let lost = 0
        for (let round = 0; round < 40 && lost === 0; round += 1) {
          const acknowledged = await writeUntilKilled({ ...bench.env, STORE_ACKNOWLEDGES: 'early' })
          lost = Math.max(0, acknowledged - (await readAll(bench)).version)
        }
        expect(lost).toBeGreaterThan(0)
      } finally {
        await bench.remove()
      }
    })
  })
}

/** The last number that the writer has said before it was killed, at a moment that nobody has chosen. */
async function writeUntilKilled(env: Record<string, string>): Promise<number> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'store-writer.ts')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let complaint = ''
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  writer.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const closed = once(writer, 'close')
  await Promise.race([once(writer.stdout, 'data'), closed])
  await sleep(Math.random() * 120)
  writer.kill('SIGKILL')
  await closed
  const last = said.trimEnd().split('\n').at(-1)
  if (last === undefined || last === '') throw new Error(`the writer has written nothing: ${complaint}`)
  return Number(last)
}

interface Stored {
  version: number
  events: number
  audited: number
  fault: unknown
  lock: string | undefined
  isOperationThere: boolean
  isNextOperationThere: boolean
}

const operationId = (count: number): OperationId => OperationId.parse(runId(count))

async function readAll(bench: CrashBench): Promise<Stored> {
  const store = await bench.open()
  try {
    return await store.transaction(async (transaction) => {
      const version = (await transaction.run(runId(1)))?.version ?? 0
      const [newest] = await transaction.audit.list({ limit: 1 })
      const locks = await transaction.locks()
      return {
        version,
        events: (await transaction.events(runId(1))).length,
        audited: newest?.sequence ?? 0,
        fault: (await verifyAudit(transaction.audit)).fault,
        lock: locks.map(({ key }) => key).join(),
        isOperationThere: (await transaction.operations.find(operationId(version))) !== undefined,
        isNextOperationThere: (await transaction.operations.find(operationId(version + 1))) !== undefined,
      }
    })
  } finally {
    await store.close()
  }
}

const wholeAt = (version: number): Stored => ({
  version,
  events: version,
  audited: version,
  fault: null,
  lock: `lock-${version}`,
  isOperationThere: true,
  isNextOperationThere: false,
})
