import type { Context, Hono } from 'hono'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { isToken } from '../../adapters/system/bearer.ts'
import { apiError, type ApiError } from '../../api/agent.ts'
import {
  CancelRequest,
  type GrantAnswer,
  GrantRequest,
  heartbeatMs,
  NoteRequest,
  type OperationAnswer,
  operationPaths,
  OperationRequest,
} from '../../api/operations.ts'
import { explain } from '../../domain/errors.ts'
import { grantHeader } from '../../domain/grant-token.ts'
import { apiVersion } from '../../domain/observation.ts'
import { OperationId, type OperationState } from '../../domain/operation.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import { milliseconds } from '../../domain/units.ts'
import { judgeSignature } from './judge-signature.ts'
import type { Grant, OperationLog } from './operation-log.ts'
import type { Operations } from './operations.ts'
import { watchLines } from './watch-lines.ts'

/** Everything by which this host is changed. */
export function addOperationRoutes(
  app: Hono,
  {
    host,
    operations,
    log,
    clock,
    grantToken,
    audit,
  }: {
    host: string
    operations: Operations
    log: OperationLog
    clock: Clock
    /** That of this host, as it stands; undefined where it has none. */
    grantToken: () => Promise<string | undefined>
    audit: Pick<Logger, 'info' | 'warn'>
  },
): void {
  const mayGrant = async (context: Context): Promise<boolean> => {
    const token = await grantToken()
    return token !== undefined && isToken(context.req.header(grantHeader), token)
  }
  app.post(operationPaths.operations, async (context) => {
    const request = await read(context, OperationRequest)
    if ('refusal' in request) return refuse(request.refusal)
    const answer = await operations.submit(request.value)
    return 'refusal' in answer ? refuse(answer.refusal) : tell(context, request.value.id, answer.state)
  })
  app.get(operationPaths.operationRoute, async (context) => {
    const id = OperationId.safeParse(context.req.param('id'))
    const state = id.success ? await operations.find(id.data) : undefined
    return id.success && state !== undefined ? tell(context, id.data, state) : unknown()
  })
  app.post(operationPaths.cancelRoute, async (context) => {
    const id = OperationId.safeParse(context.req.param('id'))
    const request = await read(context, CancelRequest)
    if ('refusal' in request) return refuse(request.refusal)
    const answer = id.success ? await operations.cancel(id.data, request.value) : undefined
    if (!id.success || answer === undefined) return unknown()
    return 'refusal' in answer ? refuse(answer.refusal) : tell(context, id.data, answer.state)
  })
  app.get(operationPaths.watchRoute, async (context) => {
    const id = OperationId.safeParse(context.req.param('id'))
    const watched = id.success ? await operations.watch(id.data) : undefined
    if (watched === undefined) return unknown()
    const lines = watchLines(watched, { clock, every: milliseconds(heartbeatMs) })
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await lines.next()
          if (done === true) controller.close()
          else controller.enqueue(Buffer.from(`${JSON.stringify(value)}\n`))
        },
        cancel: () => lines.stop(),
      },
      { highWaterMark: 0 },
    )
    return new Response(body, { headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' } })
  })

  const grantAnswer = (grant: Grant): GrantAnswer => ({ apiVersion, host, ...grant })
  app.get(operationPaths.grant, async (context) => context.json(grantAnswer(await log.grant())))
  app.post(operationPaths.grant, async (context) => {
    const request = await read(context, GrantRequest)
    if ('refusal' in request) return refuse(request.refusal)
    const { controller, epoch, takeOver, key, at, signature } = request.value
    if (request.value.host !== host) {
      const message = `${controller} asks for ${request.value.host}, and this is ${host}`
      return refuse(
        apiError('other-host', message, 'compare the address of the host in tiercel.yaml with host in agent.yaml')
          .error,
      )
    }
    const said = { what: 'grant', host, authority: { controller, epoch }, takeOver, key, at } as const
    const refusal = judgeSignature(key, said, signature, clock.now())
    if (refusal !== undefined) return refuse(refusal)
    const before = await log.grant()
    const answer = await log.take(request.value, await mayGrant(context))
    if ('refusal' in answer) {
      audit.warn({ by: said.authority, key, code: answer.refusal.code }, 'a controller was refused')
      return refuse(answer.refusal)
    }
    if (before.key !== answer.key || before.authority?.epoch !== epoch) {
      audit.info({ by: said.authority, key, before: before.authority }, 'whom this host obeys has changed')
    }
    return context.json(grantAnswer(answer))
  })
  app.post(operationPaths.note, async (context) => {
    const request = await read(context, NoteRequest)
    if ('refusal' in request) return refuse(request.refusal)
    if (!(await mayGrant(context))) {
      return refuse(
        apiError('not-granted', 'this needs the grant token of this host', 'as root: sudo tiercel agent grant').error,
      )
    }
    const answer = await log.note(request.value)
    audit.info(
      { by: answer.authority, key: answer.key },
      'whom this host obeys was said by hand: the grant token was shown',
    )
    return context.json(grantAnswer(answer))
  })
}

const tell = (context: Context, id: OperationId, state: OperationState): Response =>
  context.json({ apiVersion, id, state } satisfies OperationAnswer)

const unknown = (): Response =>
  refuse(apiError('unknown-operation', 'no operation of this id has come here, or it is forgotten').error)

const statuses: Partial<Record<ApiError['error']['code'], number>> = {
  'unknown-operation': 404,
  'bad-request': 400,
  busy: 503,
  'not-kept': 507,
  'not-granted': 403,
  'bad-signature': 403,
  'executor-unreachable': 503,
}

/** What is refused for a reason is 409, unless HTTP has a word for it. */
const refuse = (error: ApiError['error']): Response =>
  Response.json({ error } satisfies ApiError, { status: statuses[error.code] ?? 409 })

async function read<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
): Promise<{ value: z.output<Schema> } | { refusal: ApiError['error'] }> {
  const text = await context.req.text()
  try {
    const request = schema.safeParse(JSON.parse(text))
    if (request.success) return { value: request.data }
    return bad(request.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  } catch (error) {
    return bad(`the request is not JSON: ${explain(error)}`)
  }
}

const bad = (why: string) => ({ refusal: apiError('bad-request', why).error })
