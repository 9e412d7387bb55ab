import { z } from 'zod'
import { Instant } from './units.ts'

/**
 * How urgent a run is. A higher class pauses a lower one that stands in its way, and an emergency never waits. Background
 * work is load, not danger.
 */
export const RunClass = z.enum(['background', 'change', 'emergency'])
export type RunClass = z.infer<typeof RunClass>

/** Background 0, change 1, emergency 2. */
export const rank = (runClass: RunClass): number => RunClass.options.indexOf(runClass)

/** Where a run is. `isOver` says which of them are final. */
export const RunState = z.enum([
  'planned', // stored and shown; nothing is done yet
  'waiting', // was started: waits for locks, a window, a freeze, or its turn
  'running',
  'paused', // holds no locks; goes on by itself when what stood in the way is gone, or when a person says so
  'asking', // a person must decide; keeps its locks
  'stopped', // canceled at a boundary: a person may resume it, undo it, or leave it
  'failed', // a step failed for good: as stopped, with the error
  'undoing',
  'undone',
  'left', // ended by a person, with what it had done left as it is
  'succeeded',
])
export type RunState = z.infer<typeof RunState>

/** True where nothing more can happen to the run. */
export const isOver = (state: RunState): boolean => state === 'undone' || state === 'left' || state === 'succeeded'

/** True where the engine has something to do, or to wait for, without a person. */
export const isActive = (state: RunState): boolean =>
  state === 'waiting' || state === 'running' || state === 'paused' || state === 'undoing'

/** How the reason of a run begins that has failed before its first step: it has done nothing. */
export const notBegun = 'not begun: '

/** One thing that a run must hold while it works. */
export const LockRequest = z.object({
  /** `pool:n1/hot-tier`, `background:host:n1`, `background:tier:hot`: what is held, from the general to the particular. */
  key: z.string().min(1),
  /** How many runs may hold it at once; 1 is alone. Where requests differ, the smallest counts. */
  capacity: z.int().positive(),
})
export type LockRequest = z.infer<typeof LockRequest>

/** A lock that is held. */
export const Lock = LockRequest.extend({
  run: z.string(),
  class: RunClass,
  takenAt: Instant,
})
export type Lock = z.infer<typeof Lock>

/** Plain data, as it is stored and hashed. */
export type Json = z.infer<ReturnType<typeof z.json>>
export const Json = z.json()

/** A run as it is listed. */
export const RunRecord = z.object({
  /** UUIDv7. */
  id: z.string(),
  /** The run that this one is a part of; null for one that a person or a schedule began. */
  parent: z.string().nullable(),
  /** Its place among the children of its parent, from 0; null without a parent. */
  child: z.int().nullable(),
  procedure: z.string(),
  title: z.string(),
  class: RunClass,
  state: RunState,
  /** How many events it has: two writers cannot both add the next one. */
  version: z.int().nonnegative(),
  /** The step or child that is worked on, in words; empty where there is none. */
  progress: z.string(),
  /** 0 to 1: steps or children that are done. */
  share: z.number(),
  /** Why it is where it is: what it waits for, asks, or failed of. */
  reason: z.string(),
  input: Json,
  plan: Json,
  planHash: z.string(),
  requestedBy: z.string(),
  createdAt: Instant,
  /** When it was last written. */
  updatedAt: Instant,
  endedAt: Instant.nullable(),
})
export type RunRecord = z.infer<typeof RunRecord>

/** A run without what is large. */
export const RunSummary = RunRecord.omit({ input: true, plan: true })
export type RunSummary = z.infer<typeof RunSummary>

/** One event of a run's journal as it is stored. What it says is the engine's business. */
export const StoredEvent = z.object({
  /** From 1, without gaps. */
  sequence: z.int().positive(),
  at: Instant,
  body: Json,
})
export type StoredEvent = z.infer<typeof StoredEvent>
