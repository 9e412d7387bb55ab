import { writeSync } from 'node:fs'
import { openPostgresStore } from '../../src/adapters/store/open-postgres.ts'
import { openSqliteStore } from '../../src/adapters/store/open-sqlite.ts'
import { OperationId } from '../../src/domain/operation.ts'
import { event, run, runId } from '../builders/run.ts'

// Writes until it is killed, and says the number of each transaction that it was told is stored. It is told too early
// where STORE_ACKNOWLEDGES is `early`: the control of the test that starts it.

const { STORE_PATH: path, STORE_URL: url = '', STORE_ACKNOWLEDGES: acknowledges } = process.env
const store = path === undefined ? await openPostgresStore({ url }) : await openSqliteStore({ path })
const say = (number: number): void => void writeSync(1, `${number}\n`)

for (;;) {
  const number = await store.transaction(async (transaction) => {
    const stored = await transaction.run(runId(1))
    if (stored === undefined) await transaction.createRun(run(1))
    const version = (stored?.version ?? 0) + 1
    await transaction.append(run(1, { version }), [event(version, { text: 'x'.repeat(version % 5000) })])
    await transaction.releaseLocks(runId(1))
    const lock = { key: `lock-${version}`, capacity: 1 }
    await transaction.takeLocks(runId(1), [lock], { class: 'change', at: run(1).createdAt })
    const operation = { id: OperationId.parse(runId(version)), host: 'n1', run: runId(1), at: run(1).createdAt }
    await transaction.operations.add(operation)
    await transaction.audit.add({ at: run(1).createdAt, who: 'x', what: 'x', subject: `${version}`, outcome: 'x' })
    if (acknowledges === 'early') say(version)
    return version
  })
  if (acknowledges !== 'early') say(number)
}
