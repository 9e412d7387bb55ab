import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { socketAgent } from '../../src/adapters/agent/agent-client.ts'
import { rootDoer } from '../../src/adapters/agent/root-doer.ts'
import { parsePolicy } from '../../src/adapters/policy/policy-file.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { listenOn } from '../../src/adapters/system/listen.ts'
import { createDoer } from '../../src/agent/operations/doer.ts'
import { openOperationLog } from '../../src/agent/operations/open-operation-log.ts'
import type { OperationLog } from '../../src/agent/operations/operation-log.ts'
import { createOperations, type Doer, type Operations } from '../../src/agent/operations/operations.ts'
import { practiceMarks } from '../../src/agent/operations/practice-marks.ts'
import { addOperationRoutes } from '../../src/agent/operations/routes.ts'
import type { Authority } from '../../src/domain/operation.ts'
import { days } from '../../src/domain/units.ts'
import { addLookRoute } from '../../src/agent/look-route.ts'
import { executorServer } from '../../src/executor/http.ts'
import { rootOperations } from '../../src/executor/root-operations.ts'
import { hostLooks } from '../../src/observe/host-looks.ts'
import { fakeZpool, type FakeZpool } from '../builders/fake-zpool.ts'
import { signerFor } from '../builders/signer.ts'
import type { ChangesBench } from './changes.contract.ts'

/** A policy that allows the scrubs of one pool. */
export const scrubPolicy = `apiVersion: 1
mode: operate
allow:
  - operations: [scrub-start, scrub-pause, scrub-stop]
    pools: [hot-tier]
`

export interface AgentBench extends ChangesBench {
  zpool: FakeZpool
  log: OperationLog
  operations: Operations
  socket: string
  audit: Record<string, unknown>[]
  /** What the executor's policy says from now on. */
  setPolicy(text: string): void
}

/** Agent and executor over real sockets, with the real log; `zpool` is a fake. `wrap` stands between them. */
export async function openAgentBench(
  wrap: { log?: (log: OperationLog) => OperationLog; doer?: (doer: Doer, log: OperationLog) => Doer } = {},
): Promise<AgentBench> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-changes-'))
  const at = (name: string) => join(folder, name)
  const zpool = fakeZpool()
  const audit: Record<string, unknown>[] = []
  let policy = scrubPolicy
  writeFileSync(at('token'), 'right\n', { mode: 0o600 })

  const executor = executorServer({
    exec: zpool.exec,
    token: 'right',
    tiercelVersion: '0',
    policy: () => parsePolicy('/etc/tiercel/policy.yaml', policy),
    operations: rootOperations({
      exec: zpool.exec,
      clock: systemClock,
      policy: () => parsePolicy('/etc/tiercel/policy.yaml', policy),
      poolState: () => zpool.kstat,
      audit: (line) => audit.push(line),
    }),
    clusterFolder: () => '/',
  })
  await listenOn(executor, at('executor.sock'), 0o660)

  const real = openOperationLog({ folder: at('operations'), keepFor: days(7) })
  const log = wrap.log?.(real) ?? real
  const marks = practiceMarks(at('operations/marks'))
  const root = rootDoer({ socket: at('executor.sock'), token: { file: at('token') } })
  const doer = createDoer({ host: 'n1', executor: root, marks, clock: systemClock })
  const note = (line: Record<string, unknown>) => audit.push(line)
  const operations = createOperations({
    host: 'n1',
    log,
    doer: wrap.doer?.(doer, real) ?? doer,
    clock: systemClock,
    audit: { info: note, warn: note, error: note },
  })
  await operations.start()
  const app = new Hono()
  addOperationRoutes(app, {
    host: 'n1',
    operations,
    log,
    clock: systemClock,
    grantToken: async () => 'right',
    audit: { info: note, warn: note },
  })
  const looks = hostLooks(
    { name: 'n1', storage: undefined },
    { observer: { zfs: undefined }, marks: () => marks.list(), clock: systemClock },
  )
  addLookRoute(app, looks)
  const listener = getRequestListener(app.fetch)
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await listenOn(server, at('agent.sock'), 0o660)
  const client = socketAgent(at('agent.sock'), undefined, { file: at('token') })
  const takeOver = async (authority: Authority): Promise<void> => {
    const signer = signerFor(authority.controller)
    await client.control.claim({ host: 'n1', authority, takeOver: true, signer, at: systemClock.now() })
  }
  await takeOver({ controller: 'one', epoch: 1 })

  return {
    as: (authority) =>
      client.changes({
        host: 'n1',
        authority: () => authority,
        signer: signerFor(authority.controller),
        clock: systemClock,
      }),
    takeOver,
    now: () => Date.now(),
    pass: (time) => sleep(time),
    marks: () => client.control.look('practice-marks', {}),
    pool: zpool.pool,
    scrubCommands: () => zpool.scrubs.length,
    zpool,
    log: real,
    operations,
    socket: at('agent.sock'),
    audit,
    setPolicy(text) {
      policy = text
    },
    async close() {
      client.close()
      for (const one of [server, executor]) {
        one.close()
        one.closeAllConnections()
      }
      await real.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
