import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
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
import type { Role } from '../domain/role.ts'
import { tiercelVersion } from '../version.ts'
import { apiPage } from './api-page.ts'
import { auditedChange, type Done, type WriteAudit } from './audited-change.ts'
import type { EventsRequest } from './events.ts'
import { BadRequest, NotAllowed, NotThere, refusalOf } from './refusal-of.ts'

/** Who asks. */
export interface Caller {
  /** Of the token. */
  name: string
  /** Whose token it is; as its name where nobody has said. */
  person: string
  /** Whether somebody has said whose it is: else two tokens may be one person's. */
  isPersonKnown: boolean
  role: Role
}

/** One request, parsed. */
export interface Asked<Name extends RouteName> {
  params: Readonly<Record<string, string>>
  query: QueryOf<Name>
  body: BodyOf<Name>
  caller: Caller
  /** To be called in the transaction of the change, where it is one transaction: see `wholeChanges`. */
  done: Done
  signal: AbortSignal
}

/** What the controller answers: one function for each row of the contract. */
export type Handlers = { [Name in RouteName]: (asked: Asked<Name>) => Promise<AnswerOf<Name>> }

/** Changes that are one transaction of the store, and the audit's word with them. */
const wholeChanges: ReadonlySet<string> = new Set<RouteName>([
  'mutesAdd',
  'mutesEnd',
  'freezeSet',
  'freezeEnd',
  'tokenCreate',
  'tokenRevoke',
])

/** What is known of a request before its body is read. */
interface Known {
  Variables: { caller: Caller }
}

/** An input of a fleet-wide run names hosts and pools: what is longer is none. */
const maxBodyBytes = 1024 * 1024

/** The HTTP API of the controller: whoever asks shows a token first, on whatever socket; then the table of routes decides. */
export function operatorApp(options: {
  handlers: Handlers
  /** Undefined for a token that is not known. */
  callerOf: (token: string) => Promise<Caller | undefined>
  audit: WriteAudit
  events: (request: EventsRequest) => Promise<ReadableStream<Uint8Array>>
  logFailure: (text: string) => void
}): Hono<Known> {
  const { handlers, callerOf, audit, events, logFailure } = options
  const app = new Hono<Known>()
  let made: OpenApiDocument | undefined
  const document = () => (made ??= openApiDocument(tiercelVersion))

  const callerWith = async (context: Context, role: Role, denied: string | undefined): Promise<Caller> => {
    const given = tokenOf(context)
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
        await audit({ who: whoIs(caller), what: denied, subject: '', outcome: `refused: needs the role ${role}` })
      }
      throw new NotAllowed(
        403,
        `this needs the role ${role}; ${caller.name} is ${caller.role}`,
        'Ask whoever has an admin token: tiercel controller token create.',
      )
    }
    return caller
  }

  /** Who asks is known before a byte of a body is read. */
  const knownAs = (role: Role, denied?: string) =>
    createMiddleware<Known>(async (context, next) => {
      context.set('caller', await callerWith(context, role, denied))
      await next()
    })
  const limit = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (context) =>
      context.json({ error: { code: 'too-large', message: `a request is at most ${maxBodyBytes} bytes` } }, 413),
  })
  for (const [name, route] of Object.entries(operatorRoutes)) {
    const { method, path, role, isChange } = route
    const handler = handlerOf(handlers, name)
    const what = `${method} ${path}`
    app.on(method, honoPath(path), knownAs(role, isChange ? what : undefined), limit, async (context) => {
      const caller = context.get('caller')
      const params = context.req.param()
      const readAll = async () => ({
        params,
        ...(await parsed(route, context)),
        caller,
        signal: context.req.raw.signal,
      })
      if (!isChange) return context.json(await handler({ ...(await readAll()), done: async () => undefined }))
      const subject = parametersOf(path)
        .map((each) => Reflect.get(params, each) as unknown) // "as": any
        .join(' ')
      const entry = { who: whoIs(caller), what, subject }
      const isWhole = wholeChanges.has(name)
      return context.json(await auditedChange({ entry, isWhole, audit, logFailure }, readAll, handler))
    })
  }
  app.get(eventsPath, knownAs('viewer'), async (context) => {
    const stream = await events({
      lastId: context.req.header('last-event-id') ?? context.req.query('after'),
      isStillAllowed: async () => (await callerOf(tokenOf(context) ?? '')) !== undefined,
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

/** As the audit has it: the person, and which of their tokens where it has another name. */
const whoIs = ({ name, person }: Caller): string => (name === person ? name : `${person} (${name})`)

const tokenOf = (context: Context): string | undefined =>
  /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '')?.[1]

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
