import { z } from 'zod'
import { Finding } from '../domain/health/finding.ts'
import { Health } from '../domain/health/judge.ts'
import { EndedMute, Mute } from '../domain/health/mute.ts'
import { HostObservation } from '../domain/observation.ts'
import { Assessment } from '../domain/placement/assessment.ts'
import { Role } from '../domain/role.ts'
import { CommandRecord } from '../domain/operation.ts'
import { Json, Lock, LockRequest, RunClass, RunRecord, RunState, RunSummary } from '../domain/run.ts'
import { Duration, Instant, Share } from '../domain/units.ts'

// What is said between a controller and whoever operates: no more of it lies here than both sides read.

export const includesRole = (has: Role, needed: Role): boolean =>
  Role.options.indexOf(has) >= Role.options.indexOf(needed)

/** Who asks, as the controller knows them. */
export const WhoAmI = z.object({
  name: z.string(),
  person: z.string(),
  role: Role,
  controller: z.string(),
  epoch: z.int(),
  tiercelVersion: z.string(),
  /** Why this controller changes nothing at the moment; null when it does. */
  standsBack: z.string().nullable(),
  /** Why it changes nothing on some hosts, while it does on others: a sentence for each. */
  apart: z.array(z.string()).default([]),
})
export type WhoAmI = z.infer<typeof WhoAmI>

/** A token as it is listed: the token itself is shown once, when it is made, and kept nowhere. */
export const TokenInfo = z.object({
  /** What the audit calls it. */
  name: z.string(),
  /** Whose it is. */
  person: z.string(),
  role: Role,
  createdAt: Instant,
  /** To the minute; null when it was never shown. */
  lastUsedAt: Instant.nullable(),
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

/** Lists that whoever makes them keeps: an engine gives no more than a look at its own. */
const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly()

/** A step as a plan shows it. */
export const ShownStep = z.object({
  id: z.string(),
  title: z.string(),
  commands: list(PlannedCommand),
  takes: Duration.optional(),
  /** What takes it back, or why nothing does. */
  undo: z.object({
    kind: z.enum(['nothing', 'noWayBack', 'undo']),
    says: z.string(),
    commands: list(PlannedCommand),
  }),
})
export type ShownStep = z.infer<typeof ShownStep>

export const Preflight = z.object({
  title: z.string(),
  /** `unknown` is as good as an objection: it was not seen to hold. */
  verdict: z.enum(['holds', 'objection', 'unknown']),
  says: z.string(),
})
export type Preflight = z.infer<typeof Preflight>

/** A part of a fleet-wide plan. */
export const ShownChild = z.object({
  key: z.string(),
  procedure: z.string(),
  title: z.string(),
  plan: Json,
  locks: list(LockRequest),
  steps: list(ShownStep),
})
export type ShownChild = z.infer<typeof ShownChild>

const Outlook = z.object({ title: z.string(), takes: Duration.optional(), endangers: list(z.string()) })

/** What would be done: nothing is stored, nothing is changed. */
export const Planned = z.object({
  procedure: z.string(),
  title: z.string(),
  class: RunClass,
  input: Json,
  plan: Json,
  planHash: z.string(),
  madeAt: Instant,
  outlook: Outlook,
  preflight: list(Preflight),
  locks: list(LockRequest),
  steps: list(ShownStep),
  children: list(ShownChild),
  /** What would make it wait if it were started now: a freeze, a window. `until`: null where nobody can say. */
  heldBack: z.object({ reason: z.string(), until: Instant.nullable() }).optional(),
})
export type Planned = z.infer<typeof Planned>

/** How far a step of a run is. */
export const StepState = z.enum(['to do', 'begun', 'done', 'failed', 'undoing', 'undone'])
export type StepState = z.infer<typeof StepState>

export const RunStep = ShownStep.extend({
  state: StepState,
  begunAt: Instant.optional(),
  /** When it was done, or has last failed. */
  finishedAt: Instant.optional(),
  attempts: z.int(),
  error: z.string().optional(),
  result: Json.optional(),
  /** `look`: it was seen to be done already. */
  how: z.enum(['run', 'look']).optional(),
})
export type RunStep = z.infer<typeof RunStep>

/** What the present step says of itself. */
const Live = z.object({
  step: z.string(),
  share: Share.optional(),
  text: z.string().optional(),
  timeLeft: Duration.optional(),
})

export const RunDetail = z.object({
  run: RunRecord,
  outlook: Outlook,
  steps: list(RunStep),
  children: list(RunSummary),
  question: z.object({ text: z.string(), choices: list(z.string()) }).optional(),
  live: Live.optional(),
  approvedBy: z.string().optional(),
  cancelRequested: z.boolean(),
  /** What one person has asked for that waits for a second one's word. */
  awaits: z.array(z.object({ action: z.string(), choice: z.string(), by: z.string(), until: Instant })).optional(),
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

/** The last entry that was written into a file and cut: what the oldest one hangs on. Number 0: none was cut. */
export const AuditCut = z.object({ sequence: z.int(), hash: z.string() })
export type AuditCut = z.infer<typeof AuditCut>

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
  /** A run as it came to stand. */
  z.object({
    kind: z.literal('run'),
    run: z.string(),
    at: Instant,
    procedure: z.string(),
    parent: z.string().nullable(),
    title: z.string(),
    state: RunState,
    version: z.int(),
    progress: z.string(),
    share: z.number(),
    reason: z.string(),
  }),
  /** Something else that was kept: a freeze, a take-over. */
  z.object({ kind: z.literal('other'), about: z.string(), at: Instant, body: Json }),
  /** What a step says of itself while it works: not kept. */
  Live.extend({ kind: z.literal('progress'), run: z.string() }),
  /** The reader was too slow, or was away for longer than events are kept: ask for the whole anew. */
  z.object({ kind: z.literal('lost'), says: z.string() }),
])
export type FeedMessage = z.infer<typeof FeedMessage>
