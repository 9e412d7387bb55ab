import { z } from 'zod'
import { FeedMessage, OperatorError } from './operator-nouns.ts'
import { eventsPath, operatorRoutes } from './operator.ts'

/**
 * JSON Schema 2020-12 as OpenAPI 3.1 takes it; what a schema turns into something else is any value. Zod puts what
 * refers to itself into `$defs` and refers to it from the root of the schema. The root of a reference is here the
 * document, so that they are moved to its `components.schemas`, under the name of the place that needs them.
 */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', place: string, shared: Schemas): Record<string, unknown> {
  const { $schema: _dialect, $defs = {}, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  const nameOf = (local: string): string => `${place}${io === 'input' ? 'Input' : 'Output'}${local.replaceAll('_', '')}`
  const moved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(moved)
    return typeof value === 'object' && value !== null ? movedIn(value) : value
  }
  const movedIn = (one: object): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(one).map(([key, inner]: [string, unknown]) => [
        key,
        key === '$ref' && typeof inner === 'string'
          ? inner.replace(/^#\/\$defs\/(.+)$/, (_all, local: string) => `#/components/schemas/${nameOf(local)}`)
          : moved(inner),
      ]),
    )
  for (const [local, definition] of Object.entries($defs)) shared[nameOf(local)] = moved(definition)
  return movedIn(rest)
}

type Schemas = Record<string, unknown>

type Json = (schema: z.ZodType, io: 'input' | 'output', place: string) => Record<string, unknown>

const refusals: Record<string, string> = {
  '400': 'The request is not of this contract',
  '401': 'No token, or one that is not known',
  '403': 'The token’s role does not allow it',
  '404': 'There is no such thing',
  '409': 'Not as things stand: details say what has changed, or what objects',
  '422': 'The input is not right, and will not be right later',
  '503': 'Not now: it may work later',
}

/** A document that describes the whole HTTP API of the controller. */
export interface OpenApiDocument {
  openapi: '3.1.0'
  info: { title: string; version: string; description: string }
  servers: readonly { url: string; description: string }[]
  security: readonly Record<string, readonly string[]>[]
  components: unknown
  paths: Record<string, Record<string, OpenApiOperation>>
}

/** One request in it. */
export interface OpenApiOperation {
  operationId: string
  summary: string
  description: string
  parameters: { name: string; in: 'path' | 'query' | 'header'; required: boolean; schema: unknown }[]
  requestBody?: unknown
  responses: unknown
}

/**
 * Made from the very table by which the server answers and the client asks. OpenAPI 3.1 takes JSON Schema as it is, so
 * that zod's own is used; see docs/decisions/0042-controller.md.
 */
export function openApiDocument(version: string): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {}
  const schemas: Schemas = {}
  const json: Json = (schema, io, place) => ({ 'application/json': { schema: schemaOf(schema, io, place, schemas) } })
  for (const [name, route] of Object.entries(operatorRoutes)) {
    const query = schemaOf(route.query, 'input', `${name}Query`, schemas)
    const operation: OpenApiOperation = {
      operationId: name,
      summary: route.says,
      description: `Role: ${route.role}.`,
      parameters: [
        ...parametersOf(route.path).map((parameter) => ({
          name: parameter,
          in: 'path' as const,
          required: true,
          schema: { type: 'string' },
        })),
        ...Object.entries(query['properties'] ?? {}).map(([parameter, schema]) => ({
          name: parameter,
          in: 'query' as const,
          required: false,
          schema: schema as unknown, // "as": any
        })),
      ],
      ...(route.body instanceof z.ZodUndefined
        ? {}
        : { requestBody: { required: true, content: json(route.body, 'input', name) } }),
      responses: responses({ description: 'It is so', content: json(route.answer, 'output', name) }),
    }
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation }
  }
  paths[eventsPath] = {
    get: {
      operationId: 'events',
      summary: 'What happens, as it happens (Server-Sent Events)',
      description:
        'Role: viewer. Each `data:` is one of these messages as JSON. Messages with an `id:` come again after `Last-Event-ID`; a message of the kind `lost` says that some do not.',
      parameters: [{ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } }],
      responses: responses({
        description: 'A stream without end',
        content: { 'text/event-stream': { schema: schemaOf(FeedMessage, 'output', 'events', schemas) } },
      }),
    },
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Tiercel controller', version, description: 'Instants and durations are milliseconds.' },
    servers: [{ url: '/', description: 'The controller that gave this document' }],
    security: [{ token: [] }],
    components: {
      schemas,
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          status,
          { description, content: json(OperatorError, 'output', 'refusal') },
        ]),
      ),
    },
    paths,
  }
}

/** The names in braces. */
export const parametersOf = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)

const responses = (good: unknown) => ({
  '200': good,
  ...Object.fromEntries(
    Object.keys(refusals).map((status) => [status, { $ref: `#/components/responses/${status}` }] as const),
  ),
})
