import { Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Logs } from '../domain/ports/logs.ts'
import { addLogsRoute } from './logs-route.ts'
import { carriesToken } from '../adapters/system/bearer.ts'
import { operationPaths } from '../api/operations.ts'
import { agentPaths, type AgentVersion, apiError } from '../api/agent.ts'
import { apiVersion, type HostObservation } from '../domain/observation.ts'
import type { PlacementDesk } from '../observe/placement.ts'
import { addPlacementRoute } from './placement-route.ts'
import { addPinRoutes, type ServedPinIndex } from './pin-routes.ts'

/** What the agent answers. Observations come from memory, all about pins from their index: only logs, operations and fresh looks wait for a program. */
export function agentApp(options: {
  host: string
  tiercelVersion: string
  token: string
  observation: () => HostObservation | Promise<HostObservation>
  pinIndexOf?: (store: string) => ServedPinIndex | undefined
  /** By the name of a store that has a pin index. */
  placements?: ReadonlyMap<string, PlacementDesk>
  logs?: Logs
  /** Adds what this host can be asked to do, and fresh looks. */
  acting?: (app: Hono) => void
}): Hono {
  const { host, tiercelVersion, token, observation, pinIndexOf = () => undefined, placements, logs, acting } = options
  const app = new Hono()
  app.use(async (context, next) => {
    if (!carriesToken(context.req.header('authorization'), token)) {
      return context.json(
        apiError(
          'not-authenticated',
          'this agent needs its token',
          'send Authorization: Bearer with the content of /etc/tiercel/agent.token',
        ),
        401,
      )
    }
    await next()
    return undefined
  })
  // Counted while it comes: the memory of the whole host's observation hangs on this process.
  app.use(async (context, next) => limitOf(context.req.path)(context, next))
  app.get(agentPaths.version, (context) => context.json({ apiVersion, tiercelVersion, host } satisfies AgentVersion))
  app.get(agentPaths.observation, async (context) => context.json(await observation()))
  addPinRoutes(app, pinIndexOf)
  addPlacementRoute(app, placements)
  addLogsRoute(app, logs)
  acting?.(app)
  app.notFound((context) =>
    context.json(apiError('not-found', `${context.req.method} ${context.req.path} is not known here`), 404),
  )
  app.onError((error, context) => context.json(apiError('failed', error.message), 500))
  return app
}

const atMost = (maxSize: number): MiddlewareHandler =>
  bodyLimit({
    maxSize,
    onError: (context) => context.json(apiError('bad-request', `this takes at most ${maxSize} bytes`), 413),
  })

/** An operation and its envelope are some hundred bytes. */
const takesRequest = atMost(16 * 1024)

/** Names of snapshots: `zfs holds` is asked about 200 of them at once. */
const takesNames = atMost(64 * 1024)

/** A question about placement names every copy that is not as the others of its peer. */
const takesQuestion = atMost(16 * 1024 * 1024)

function limitOf(path: string): MiddlewareHandler {
  if (path.startsWith('/v1/stores/')) return takesQuestion
  return path === operationPaths.look ? takesNames : takesRequest
}
