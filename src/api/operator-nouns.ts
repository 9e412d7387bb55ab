import { z } from 'zod'
import { Finding } from '../domain/health/finding.ts'
import { Health } from '../domain/health/judge.ts'
import { EndedMute, Mute } from '../domain/health/mute.ts'
import { HostObservation } from '../domain/observation.ts'
import { Assessment } from '../domain/placement/assessment.ts'
import { CommandRecord } from '../domain/operation.ts'
import { Json, Lock, LockRequest, RunClass, RunRecord } from '../domain/run.ts'
import { Duration, Instant, Share } from '../domain/units.ts'

// What is said between a controller and whoever operates: no more of it lies here than both sides read.

/** What a token allows: each also what stands before it. */
export const Role = z.enum(['viewer', 'operator', 'admin'])
export type Role = z.infer<typeof Role>

export const includesRole = (has: Role, needed: Role): boolean =>
  Role.options.indexOf(has) >= Role.options.indexOf(needed)

/** Who asks, as the controller knows them. */
export const WhoAmI = z.object({
  name: z.string(),
  role: Role,
  controller: z.string(),
  epoch: z.int(),
  tiercelVersion: z.string(),
  /** Why this controller changes nothing at the moment; null when it does. */
  standsBack: z.string().nullable(),
})
export type WhoAmI = z.infer<typeof WhoAmI>

/** A token as it is listed: the token itself is shown once, when it is made, and kept nowhere. */
export const TokenInfo = z.object({
  /** Who it is for; what the audit calls them. */
  name: z.string(),
  role: Role,
  createdAt: Instant,
  revokedAt: Instant.nullable(),
})
export type TokenInfo = z.infer<typeof TokenInfo>

const Contact = z.discriminatedUnion('state', [
  z.object({ state: z.literal('answered'), observation: HostObservation, receivedAt: Instant, took: Duration }),
  z.object({ state: z.literal('unreachable'), error: z.string(), hint: z.string().optional(), at: Instant }),
])

const Placement = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('known'),
    cluster: z.string(),
    by: z.string(),
    age: Duration,
    took: Duration,
    assessment: Assessment,
    unsure: z.array(z.string()),
    unverified: z.array(z.string()),
    others: z.int(),
  }),
  z.object({ state: z.literal('unknown'), cluster: z.string(), reason: z.string() }),
])

/** The fleet as it was last seen. `fleet` is the fleet file as it stands, for the reader to parse. */
export const ViewAnswer = z.object({
  at: Instant,
  fleet: Json,
  hosts: z.array(z.object({ name: z.string(), contact: Contact })),
  placements: z.array(Placement).optional(),
})
export type ViewAnswer = z.infer<typeof ViewAnswer>

/** Health with the controller's mutes honoured. */
export const HealthAnswer = Health.extend({
  muted: z.array(z.object({ finding: Finding, mute: Mute })),
  ended: z.array(EndedMute),
  warnings: z.array(z.string()),
  /** When the host was asked that was not asked for longest; null while some have not been asked at all. */
  oldest: Instant.nullable(),
})
export type HealthAnswer = z.infer<typeof HealthAnswer>

const PlannedCommand = z.object({ host: z.string(), command: z.string() })

/** How a step is taken back, as a plan shows it. */
export const ShownUndo = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('nothing'), because: z.string() }),
  z.object({ kind: z.literal('noWayBack'), because: z.string() }),
  z.object({ kind: z.literal('undo'), title: z.string(), commands: z.array(PlannedCommand) }),
])
export type ShownUndo = z.infer<typeof ShownUndo>

/** A step as a plan shows it. */
export const ShownStep = z.object({
  id: z.string(),
  title: z.string(),
  commands: z.array(PlannedCommand),
  takes: Duration.optional(),
  undo: ShownUndo,
})
export type ShownStep = z.infer<typeof ShownStep>

export const Preflight = z.object({
  title: z.string(),
  verdict: z.enum(['holds', 'objection', 'unknown']),
  says: z.string(),
})
export type Preflight = z.infer<typeof Preflight>

const outlookFields = { title: z.string(), takes: Duration.optional(), endangers: z.array(z.string()) }

/** A part of a fleet-wide plan. */
export const ShownChild = z.object({
  key: z.string(),
  procedure: z.string(),
  ...outlookFields,
  preflight: z.array(Preflight),
  steps: z.array(ShownStep),
  locks: z.array(LockRequest),
})
export type ShownChild = z.infer<typeof ShownChild>

/** What would be done: nothing is stored, nothing is changed. */
export const Planned = z.object({
  procedure: z.string(),
  ...outlookFields,
  class: RunClass,
  input: Json,
  plan: Json,
  planHash: z.string(),
  preflight: z.array(Preflight),
  steps: z.array(ShownStep),
  children: z.array(ShownChild),
  locks: z.array(LockRequest),
})
export type Planned = z.infer<typeof Planned>

/** How far a step of a run is. */
export const StepState = z.enum(['waiting', 'running', 'done', 'failed', 'undoing', 'undone'])

export const RunStep = ShownStep.extend({
  state: StepState,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  result: Json.nullable(),
  error: z.string().nullable(),
})
export type RunStep = z.infer<typeof RunStep>

/** One way to answer a question of a run. */
export const Choice = z.object({ choice: z.string(), says: z.string() })

export const RunDetail = z.object({
  run: RunRecord,
  steps: z.array(RunStep),
  children: z.array(RunRecord),
  question: z.object({ says: z.string(), choices: z.array(Choice) }).nullable(),
})
export type RunDetail = z.infer<typeof RunDetail>

export const TranscriptLine = CommandRecord.extend({ sequence: z.int(), step: z.string() })
export type TranscriptLine = z.infer<typeof TranscriptLine>

/** A lock, with the title of the run that holds it. */
export const HeldLock = Lock.extend({ title: z.string() })
export type HeldLock = z.infer<typeof HeldLock>

export const Freeze = z.object({ reason: z.string(), by: z.string(), at: Instant, until: Instant.nullable() })
export type Freeze = z.infer<typeof Freeze>

/** A procedure as it is listed. `input`: the JSON Schema of what it is given. */
export const ProcedureInfo = z.object({
  name: z.string(),
  title: z.string(),
  about: z.string(),
  class: RunClass,
  input: Json,
  examples: z.array(z.object({ name: z.string(), about: z.string(), input: Json })),
})
export type ProcedureInfo = z.infer<typeof ProcedureInfo>

/** Who changed what, and how it went. */
export const AuditEntry = z.object({
  sequence: z.int(),
  at: Instant,
  who: z.string(),
  what: z.string(),
  subject: z.string(),
  outcome: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** Every refusal, as JSON with a status of 4xx or 5xx. */
export const OperatorError = z.object({
  error: z.object({
    /** Stable word, for programs. */
    code: z.string(),
    message: z.string(),
    /** What to do next. */
    hint: z.string().optional(),
    /** What has changed since the plan, what objects, what is wrong in the request: a line each. */
    details: z.array(z.string()).optional(),
  }),
})
export type OperatorError = z.infer<typeof OperatorError>

/** What comes by `GET /v1/events`. Only what has an id comes again after `Last-Event-ID`. */
export const FeedMessage = z.discriminatedUnion('kind', [
  /** A run as it stands now. */
  z.object({ kind: z.literal('run'), run: RunRecord }),
  /** What a step says of itself while it works: not kept. */
  z.object({
    kind: z.literal('progress'),
    run: z.string(),
    step: z.string(),
    share: Share.optional(),
    text: z.string().optional(),
    timeLeft: Duration.optional(),
  }),
  /** The reader was too slow, or was away for longer than events are kept: ask for the whole anew. */
  z.object({ kind: z.literal('lost'), says: z.string() }),
])
export type FeedMessage = z.infer<typeof FeedMessage>
