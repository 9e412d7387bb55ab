import { AuditEntry } from '../domain/audit-entry.ts'
import { z } from 'zod'
import { Mute, MuteBook } from '../domain/health/mute.ts'
import { Json, RunRecord, RunState, RunSummary } from '../domain/run.ts'
import { Role } from '../domain/role.ts'
import { OperationId } from '../domain/operation.ts'
import { Duration } from '../domain/units.ts'
import {
  AuditCut,
  Freeze,
  HealthAnswer,
  HeldLock,
  Planned,
  ProcedureInfo,
  RunDetail,
  TokenInfo,
  TranscriptLine,
  ViewAnswer,
  WhoAmI,
} from './operator-nouns.ts'

/** One request of the controller's HTTP API, as server, client and documentation read it. */
export interface RouteContract<Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType> {
  method: 'GET' | 'POST' | 'DELETE'
  /** Parameters in braces: `/v1/runs/{run}`. */
  path: string
  /** The least role that may ask. */
  role: Role
  /** A sentence for the documentation. */
  says: string
  query: Query
  body: Body
  answer: Answer
  /** Kept in the audit, with the outcome. */
  isChange: boolean
}

const nothing = z.object({})

function get<Answer extends z.ZodType, Query extends z.ZodType = typeof nothing>(
  path: string,
  says: string,
  answer: Answer,
  query?: Query,
): RouteContract<Query, z.ZodUndefined, Answer> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without a query, Query is its default
  const asked = (query ?? nothing) as Query
  return { method: 'GET', path, role: 'viewer', says, query: asked, body: z.undefined(), answer, isChange: false }
}

/** `isChange: false`: for what is computed from a body too large for an address. */
function post<Body extends z.ZodType, Answer extends z.ZodType>(
  path: string,
  says: string,
  body: Body,
  answer: Answer,
  { role = 'operator', isChange = true }: { role?: Role; isChange?: boolean } = {},
): RouteContract<typeof nothing, Body, Answer> {
  return { method: 'POST', path, role, says, query: nothing, body, answer, isChange }
}

function remove<Answer extends z.ZodType>(
  path: string,
  says: string,
  answer: Answer,
  role: Role = 'operator',
): RouteContract<typeof nothing, z.ZodUndefined, Answer> {
  return { method: 'DELETE', path, role, says, query: nothing, body: z.undefined(), answer, isChange: true }
}

const pageSize = z.coerce.number().int().min(1).max(500).default(50)

const RunQuery = z.object({
  /** Several are separated by commas. */
  state: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(RunState))
    .optional(),
  procedure: z.string().optional(),
  /** `none`: only runs that are no part of another one. */
  parent: z.string().optional(),
  /** The last id of the page before. */
  before: z.string().optional(),
  limit: pageSize,
})

const PageQuery = z.object({ after: z.coerce.number().int().min(0).default(0), limit: pageSize })

const reason = z.string().trim().min(1).max(1000)

const MuteRequest = Mute.omit({ id: true, by: true })

const PlanRequest = z.strictObject({ procedure: z.string(), input: Json })

const RunRequest = PlanRequest.extend({
  /** A UUIDv7 made by the asker, once for each run that is meant; it becomes the id of the run. Asked again, it gives the same run. */
  requestId: OperationId,
  /** Of the plan that was shown: what has changed since is refused, with the difference. */
  planHash: z.string().optional(),
})

const tokenName = z.string().regex(/^[\w.@-]{1,64}$/, 'letters, digits, `.`, `_`, `@`, `-`')

const none = z.strictObject({})

export const operatorRoutes = {
  whoami: get('/v1/whoami', 'Who you are here, and what this controller is', WhoAmI),
  health: get('/v1/health', 'What is wrong with the fleet, with mutes honoured', HealthAnswer),
  view: get('/v1/view', 'The fleet as it was last seen, host by host', ViewAnswer),
  mutesList: get('/v1/mutes', 'What is muted, and what ended lately', MuteBook),
  mutesAdd: post('/v1/mutes', 'Mute a finding', MuteRequest, Mute),
  mutesEnd: remove('/v1/mutes/{mute}', 'End a mute', z.object({ ended: z.array(z.string()) })),
  procedures: get('/v1/procedures', 'What can be run', z.object({ procedures: z.array(ProcedureInfo) })),
  plan: post(
    '/v1/plans',
    'What a procedure would do now. Nothing is stored and nothing changes',
    PlanRequest,
    Planned,
    { isChange: false },
  ),
  runStart: post('/v1/runs', 'Start a run', RunRequest, RunRecord),
  runs: get(
    '/v1/runs',
    'Runs, newest first, a page at a time, without their plans',
    z.object({ runs: z.array(RunSummary), next: z.string().nullable() }),
    RunQuery,
  ),
  run: get('/v1/runs/{run}', 'One run: its steps, children, and what it asks', RunDetail),
  runResume: post('/v1/runs/{run}/resume', 'Go on with a run that was stopped or has failed', none, RunRecord),
  runCancel: post('/v1/runs/{run}/cancel', 'Stop a run at the next boundary of a step', none, RunRecord),
  runUndo: post('/v1/runs/{run}/undo', 'Take back what a run has done, last step first', none, RunRecord),
  runLeave: post('/v1/runs/{run}/leave', 'End a run, and leave what it has done as it is', none, RunRecord),
  runAnswer: post(
    '/v1/runs/{run}/answer',
    'Answer what a run asks',
    z.strictObject({ choice: z.string().min(1).max(200) }),
    RunRecord,
  ),
  runApprove: post(
    '/v1/runs/{run}/approve',
    'Approve a plan, as the second person',
    z.strictObject({ planHash: z.string().min(1).max(200) }),
    RunRecord,
  ),
  transcript: get(
    '/v1/runs/{run}/transcript',
    'Every command that a run has run, with its output',
    z.object({ commands: z.array(TranscriptLine), next: z.int().nullable() }),
    PageQuery,
  ),
  locks: get('/v1/locks', 'What is held, and by which run', z.object({ locks: z.array(HeldLock) })),
  freeze: get('/v1/freeze', 'Whether new changes are held back', z.object({ freeze: Freeze.nullable() })),
  freezeSet: post(
    '/v1/freeze',
    'Hold back all new changes, over the whole fleet',
    z.strictObject({ reason, for: Duration.optional() }),
    Freeze,
  ),
  freezeEnd: remove('/v1/freeze', 'Let changes start again', z.object({ freeze: z.null() })),
  audit: get(
    '/v1/audit',
    'Who changed what, newest first; after a number, oldest first',
    z.object({ entries: z.array(AuditEntry), next: z.int().nullable(), cut: AuditCut }),
    z.object({
      before: z.coerce.number().int().optional(),
      after: z.coerce.number().int().min(0).optional(),
      limit: pageSize,
    }),
  ),
  auditVerify: get(
    '/v1/audit/verify',
    'Reads the whole audit, and says whether every entry is what was written',
    z.object({
      entries: z.int().describe('How many are as they were written, from the first that was not cut'),
      cut: AuditCut,
      hash: z
        .string()
        .nullable()
        .describe('Of the last of them: noted elsewhere, it shows whether the end was cut off'),
      fault: z.object({ sequence: z.int(), says: z.string() }).nullable(),
    }),
  ),
  tokens: {
    ...get('/v1/tokens', 'The tokens, without their secrets', z.object({ tokens: z.array(TokenInfo) })),
    role: 'admin',
  },
  tokenCreate: post(
    '/v1/tokens',
    'Make a token; it is shown this once',
    z.strictObject({
      name: tokenName,
      person: tokenName.optional().describe('Whose it is; as its name, where nothing is said'),
      role: Role,
    }),
    z.object({ token: z.string(), info: TokenInfo }),
    { role: 'admin' },
  ),
  tokenRevoke: remove('/v1/tokens/{token}', 'Revoke a token', z.object({ revoked: TokenInfo }), 'admin'),
  takeOver: post(
    '/v1/take-over',
    'Make this controller the one that all agents obey',
    z.strictObject({
      from: z.array(z.string()).max(100).default([]).describe('The controllers that hosts are taken from'),
    }),
    z.object({ epoch: z.int(), hosts: z.array(z.object({ host: z.string(), says: z.string() })) }),
    { role: 'admin' },
  ),
  backup: post(
    '/v1/backup',
    'Write a whole copy of the store into a new file on the machine of the controller',
    z.strictObject({ file: z.string().startsWith('/').max(4096) }),
    z.object({ file: z.string() }),
    { role: 'admin' },
  ),
} as const

/** The stream of events, which is no JSON document. */
export const eventsPath = '/v1/events'

export type OperatorRoutes = typeof operatorRoutes
export type RouteName = keyof OperatorRoutes
export type AnswerOf<Name extends RouteName> = z.output<OperatorRoutes[Name]['answer']>
export type BodyOf<Name extends RouteName> = z.output<OperatorRoutes[Name]['body']>
export type QueryOf<Name extends RouteName> = z.output<OperatorRoutes[Name]['query']>
