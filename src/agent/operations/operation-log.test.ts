import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { operationIdAt } from '../../../test/builders/operation-id.ts'
import { systemClock } from '../../adapters/system/clock.ts'
import { days, milliseconds } from '../../domain/units.ts'
import { openOperationLog } from './open-operation-log.ts'
import { LogFailed } from './operation-log.ts'
import { createOperations } from './operations.ts'

const quiet = (): undefined => undefined

test('what cannot be written down is refused and not done, until it can be', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const inTheWay = join(folder, 'operations')
  writeFileSync(inTheWay, 'a file where the folder should be')
  const log = openOperationLog({ folder: inTheWay, keepFor: days(7) })
  const done: string[] = []
  const operations = createOperations({
    host: 'n1',
    log,
    isUnsigned: true,
    clock: systemClock,
    audit: { info: quiet, warn: quiet, error: quiet },
    doer: {
      permit: async () => undefined,
      async do(id) {
        done.push(id)
        return { state: 'succeeded', result: null, commands: [] }
      },
    },
  })
  const submit = () =>
    operations.submit({
      apiVersion: 1,
      host: 'n1',
      id: operationIdAt(Date.now()),
      authority: { controller: 'one', epoch: 1 },
      operation: { kind: 'practice-mark', mark: 'm', takes: milliseconds(0), fails: false },
    })
  await expect(operations.start()).rejects.toBeInstanceOf(LogFailed)
  expect(await submit()).toMatchObject({ refusal: { code: 'not-kept' } })
  expect(done).toEqual([])
  rmSync(inTheWay)
  await operations.start()
  expect(await submit()).toEqual({ state: { state: 'accepted' } })
  await expect.poll(() => done).toHaveLength(1)
  await log.close()
})
