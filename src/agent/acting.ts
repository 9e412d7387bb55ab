import { join } from 'node:path'
import type { Hono } from 'hono'
import type { Logger } from 'pino'
import { rootDoer } from '../adapters/agent/root-doer.ts'
import { readSecret } from '../adapters/system/secrets.ts'
import { apiError } from '../api/agent.ts'
import { operationPaths, type PolicyAnswer } from '../api/operations.ts'
import type { AgentConfig } from '../domain/agent-config.ts'
import { explain } from '../domain/errors.ts'
import { apiVersion } from '../domain/observation.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import { hostLooks } from '../observe/host-looks.ts'
import type { Observer } from '../observe/observer.ts'
import { addLookRoute } from './look-route.ts'
import { createDoer } from './operations/doer.ts'
import { openOperationLog } from './operations/open-operation-log.ts'
import { createOperations } from './operations/operations.ts'
import { practiceMarks } from './operations/practice-marks.ts'
import { addOperationRoutes } from './operations/routes.ts'
import { refusePlace } from './place-of-index.ts'

/** What this host can be asked to do: the routes, and the log behind them. */
export function createActing(
  config: AgentConfig,
  {
    clock,
    log: audit,
    host: ports,
    observer,
  }: { clock: Clock; log: Logger; host: Pick<HostPorts, 'name' | 'storage'>; observer: Pick<Observer, 'zfs'> },
): {
  addRoutes(app: Hono): void
  /** Before anybody can ask: what a new log remembers begins here. */
  open(): Promise<void>
  /** Once nobody else can be answering for this host. */
  start(): void
  end(): Promise<void>
} {
  const { host, operations: kept } = config
  const log = openOperationLog(kept)
  const marks = practiceMarks(join(kept.folder, 'marks'))
  const executor = rootDoer(config.executor)
  const doer = createDoer({ host, executor, marks, clock })
  const operations = createOperations({ host, log, doer, clock, audit })
  // Read anew each time: it may have been made, or changed, since.
  const grantToken = async () => readSecret(config.grantToken).catch(() => undefined)
  let obstacle: Error | undefined
  const listMarks = async () => {
    if (obstacle !== undefined) throw obstacle
    return marks.list()
  }
  return {
    addRoutes(app) {
      for (const path of [`${operationPaths.operations}/*`, `${operationPaths.grant}/*`]) {
        app.use(path, async (context, next) => {
          if (obstacle !== undefined) return context.json(apiError('not-kept', explain(obstacle)), 507)
          await next()
          return undefined
        })
      }
      addOperationRoutes(app, { host, operations, log, clock, grantToken, audit })
      addLookRoute(app, hostLooks(ports, { observer, marks: listMarks, clock }))
      app.get(operationPaths.policy, async (context) =>
        context.json({ apiVersion, policy: await executor.policy() } satisfies PolicyAnswer),
      )
    },
    async open() {
      try {
        refusePlace(kept.folder, config.stores, 'operations')
      } catch (error) {
        obstacle = error instanceof Error ? error : new Error(String(error))
        audit.error({ error: explain(error) }, 'this host takes no operations')
        return
      }
      try {
        await log.grant()
        // Whoever has the log has the folder: no other agent is in the middle of a mark.
        await marks.tidy()
      } catch {
        // What fails here is tried again, and told, with the first request.
      }
    },
    start() {
      if (obstacle !== undefined) return
      operations.start().catch((error: unknown) => {
        audit.error({ error: explain(error) }, 'no operation is taken until its log can be written')
      })
    },
    end: () => log.close(),
  }
}
