import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { type OpenApiDocument, openApiDocument, parametersOf } from '../api/openapi.ts'
import { includesRole } from '../api/operator-nouns.ts'
import {
  type AnswerOf,
  type BodyOf,
  eventsPath,
  operatorRoutes,
  type QueryOf,
  type RouteContract,
  type RouteName,
} from '../api/operator.ts'
import { explain } from '../domain/errors.ts'
import type { Role } from '../domain/role.ts'
import { tiercelVersion } from '../version.ts'
import { apiPage } from './api-page.ts'
import { BadRequest, NotAllowed, NotThere, refusalOf } from './refusal-of.ts'

/** Who asks. */
export interface Caller {
  name: string
  role: Role
}

/** One request, parsed. */
export interface Asked<Name extends RouteName> {
  params: Readonly<Record<string, string>>
  query: QueryOf<Name>
  body: BodyOf<Name>
  caller: Caller
  signal: AbortSignal
}

/** What the controller answers: one function for each row of the contract. */
export type Handlers = { [Name in RouteName]: (asked: Asked<Name>) => Promise<AnswerOf<Name>> }

/** An input of a fleet-wide run names hosts and pools: what is longer is none. */
const maxBodyBytes = 1024 * 1024

/** The HTTP API of the controller: whoever asks shows a token first, on whatever socket; then the table of routes decides. */
export function operatorApp(options: {
  handlers: Handlers
  /** Undefined for a token that is not known. */
  callerOf: (token: string) => Promise<Caller | undefined>
  audit: (entry: { who: string; what: string; subject: string; outcome: string }) => Promise<void>
  events: (request: { lastId: string | undefined; signal: AbortSignal }) => Promise<ReadableStream<Uint8Array>>
  logFailure: (text: string) => void
}): Hono {
  const { handlers, callerOf, audit, events, logFailure } = options
  const app = new Hono()
  let made: OpenApiDocument | undefined
  const document = () => (made ??= openApiDocument(tiercelVersion))

  const callerWith = async (context: Context, role: Role, denied: string | undefined): Promise<Caller> => {
    const given = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '')?.[1]
    const caller = given === undefined ? undefined : await callerOf(given)
    if (caller === undefined) {
      throw new NotAllowed(
        401,
        given === undefined ? 'this needs a token' : 'this token is not known, or was revoked',
        'Send Authorization: Bearer TOKEN. The first one lies in admin.token beside the store; `tiercel controller token create` makes more.',
      )
    }
    if (!includesRole(caller.role, role)) {
      if (denied !== undefined) {
        await audit({ who: caller.name, what: denied, subject: '', outcome: `refused: needs the role ${role}` })
      }
      throw new NotAllowed(
        403,
        `this needs the role ${role}; ${caller.name} is ${caller.role}`,
        'Ask whoever has an admin token: tiercel controller token create.',
      )
    }
    return caller
  }

  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: (context) =>
        context.json({ error: { code: 'too-large', message: `a request is at most ${maxBodyBytes} bytes` } }, 413),
    }),
  )
  for (const [key, route] of Object.entries(operatorRoutes)) {
    const handler = handlerOf(handlers, key)
    app.on(route.method, honoPath(route.path), async (context) => {
      const what = `${route.method} ${route.path}`
      const caller = await callerWith(context, route.role, route.isChange ? what : undefined)
      const params = context.req.param()
      const subject = parametersOf(route.path)
        .map((each) => Reflect.get(params, each) as unknown) // "as": any
        .join(' ')
      const handle = async (): Promise<unknown> => {
        const { query, body } = await parsed(route, context)
        return handler({ params, query, body, caller, signal: context.req.raw.signal })
      }
      if (!route.isChange) return context.json(await handle())
      try {
        const answer = await handle()
        await audit({ who: caller.name, what, subject: subject === '' ? subjectOf(answer) : subject, outcome: 'done' })
        return context.json(answer)
      } catch (error) {
        await audit({ who: caller.name, what, subject, outcome: `refused: ${explain(error).slice(0, 500)}` })
        throw error
      }
    })
  }
  app.get(eventsPath, async (context) => {
    await callerWith(context, 'viewer', undefined)
    const stream = await events({
      lastId: context.req.header('last-event-id') ?? context.req.query('after'),
      signal: context.req.raw.signal,
    })
    return new Response(stream, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    })
  })
  // What is said of the API is no secret; what it says is.
  app.get('/openapi.json', (context) => context.json(document()))
  app.get('/docs', (context) => context.html(apiPage(document())))
  app.notFound((context) => {
    const { status, body } = refusalOf(
      new NotThere(`${context.req.method} ${context.req.path} is not known here`, 'GET /docs lists what is.'),
    )
    return context.json(body, status)
  })
  app.onError((error, context) => {
    const { status, body } = refusalOf(error)
    if (status === 500) logFailure(`${context.req.method} ${context.req.path}: ${error.stack ?? error.message}`)
    return context.json(body, status)
  })
  return app
}

type AnyHandler = (
  asked: Omit<Asked<RouteName>, 'query' | 'body'> & { query: unknown; body: unknown },
) => Promise<unknown>

/** What was parsed by the row of this name is what the handler of this name takes; TypeScript cannot follow that through a loop. */
const handlerOf = (handlers: Handlers, name: string): AnyHandler =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  handlers[name as RouteName] as AnyHandler

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

/** What was made, where the request could not name it. */
function subjectOf(answer: unknown): string {
  const named = z.object({ id: z.string() }).safeParse(answer)
  return named.success ? named.data.id : ''
}

async function parsed(
  { query, body }: RouteContract<z.ZodType, z.ZodType, z.ZodType>,
  context: Context,
): Promise<{ query: unknown; body: unknown }> {
  return {
    query: read(query, context.req.query(), 'the query'),
    body: body instanceof z.ZodUndefined ? undefined : read(body, jsonOf(await context.req.text()), 'the body'),
  }
}

function read(schema: z.ZodType, value: unknown, where: string): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const details = result.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  throw new BadRequest(`${where} is not right: ${details.slice(0, 3).join('; ')}`, details)
}

function jsonOf(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    throw new BadRequest('the body is no JSON')
  }
}
