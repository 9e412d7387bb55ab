import type { Freeze, TokenInfo } from '../../src/api/operator-nouns.ts'
import type { AuditEntry } from '../../src/domain/audit-entry.ts'
import type { Role } from '../../src/domain/role.ts'
import type { Planned, RunDetail } from '../../src/engine/shown.ts'
import { createHandlers } from '../../src/controller/handlers.ts'
import { eventStream } from '../../src/controller/events.ts'
import { operatorApp } from '../../src/controller/operator-app.ts'
import type { FollowedFeed, Parts } from '../../src/controller/parts.ts'
import { callerOf, makeToken } from '../../src/controller/tokens.ts'
import { emptyMuteBook, withChanges, withMute } from '../../src/domain/health/mute.ts'
import { judge } from '../../src/domain/health/judge.ts'
import type { FeedEntry } from '../../src/domain/ports/feed.ts'
import type { Mutes } from '../../src/domain/ports/mutes.ts'
import type { ControllerBooks, ControllerTransaction } from '../../src/domain/ports/controller-store.ts'
import type { RunTransaction, TranscriptEntry } from '../../src/domain/ports/run-store.ts'
import type { Lock, RunRecord, RunState } from '../../src/domain/run.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { EngineNotice } from '../../src/engine/live.ts'
import { makeId } from '../../src/domain/make-id.ts'
import { bench } from './fleet-view.ts'
import { plannedPractice, runRecord } from './practice-run.ts'
import { now } from './readings.ts'

export interface FakeController {
  parts: Parts
  feed: FollowedFeed & { entries: FeedEntry[]; oldest: number }
  runs: Map<string, RunRecord>
  locks: Lock[]
  commands: TranscriptEntry[]
  detail: { value: RunDetail | undefined }
  audited: AuditEntry[]
  notify: (notice: EngineNotice) => void
  /** How many follow. */
  subscribers(): number
  /** Why it stands back, from all (null when it does not) and from single hosts. */
  back: { why: string | null; apart: string[] }
  app: ReturnType<typeof operatorApp>
  token(role: Role): Promise<string>
  failures: string[]
}

/** A controller in memory: the HTTP app is the real one, the engine does what it is told at once. */
export function fakeController(): FakeController {
  const runs = new Map<string, RunRecord>()
  const locks: Lock[] = []
  const commands: TranscriptEntry[] = []
  const audited: AuditEntry[] = []
  const failures: string[] = []
  const listeners = new Set<(notice: EngineNotice) => void>()
  const back: FakeController['back'] = { why: null, apart: [] }
  const detail = { value: undefined as RunDetail | undefined } // "as": the type of what comes later
  const fed = new Set<() => void>()
  const feed: FakeController['feed'] = {
    entries: [],
    oldest: 1,
    after: async (place, limit) => ({
      entries: feed.entries.filter(({ sequence }) => sequence > place).slice(0, limit),
      isGap: feed.oldest > place + 1,
    }),
    newest: async () => feed.entries.at(-1)?.sequence ?? 0,
    onFeed(listener) {
      fed.add(listener)
      return () => void fed.delete(listener)
    },
  }
  const notify = (notice: EngineNotice) => {
    if (notice.kind === 'run') {
      runs.set(notice.run.id, notice.run)
      const { id, updatedAt, procedure, parent, title, state, version, progress, share, reason } = notice.run
      feed.entries.push({
        sequence: (feed.entries.at(-1)?.sequence ?? 0) + 1,
        at: updatedAt,
        kind: 'run',
        run: id,
        body: { procedure, parent, title, state, version, progress, share, reason },
      })
      for (const listener of fed) listener()
    }
    for (const listener of listeners) listener(notice)
  }
  const parts = fakeParts({ runs, locks, commands, audited, listeners, back, detail, notify })
  return {
    parts,
    feed,
    runs,
    locks,
    commands,
    detail,
    audited,
    notify,
    subscribers: () => listeners.size,
    back,
    failures,
    app: operatorApp({
      handlers: createHandlers(parts),
      callerOf: async (token) => callerOf(parts.tokens, token, parts.clock),
      audit: async (entry, { audit } = parts) => void (await audit.add({ at: now, ...entry })),
      events: async (request) => eventStream({ feed, engine: parts.engine }, request),
      logFailure: (text) => void failures.push(text),
    }),
    async token(role) {
      const { tokens } = parts
      const { token } = await makeToken(tokens, { name: `${role}${(await tokens.list()).length}`, role, at: now })
      return token
    },
  }
}

function fakeParts(memory: {
  runs: Map<string, RunRecord>
  locks: Lock[]
  commands: TranscriptEntry[]
  audited: AuditEntry[]
  listeners: Set<(notice: EngineNotice) => void>
  back: { why: string | null; apart: string[] }
  detail: { value: RunDetail | undefined }
  notify: (notice: EngineNotice) => void
}): Parts {
  const { runs, locks, commands, audited, listeners, back, detail, notify } = memory
  const { view } = bench()
  const tokens = new Map<string, TokenInfo>()
  let frozen: Freeze | undefined
  let book = emptyMuteBook
  const mutes: Mutes = {
    read: async () => book,
    add: async (mute) => {
      const added = withMute(book, mute)
      book = added.book
      return added.mute
    },
    record: async (changes) => (book = withChanges(book, changes)),
  }
  const tokenStore: Parts['tokens'] = {
    byHash: async (hash) => tokens.get(hash),
    add: async (token, hash) => void tokens.set(hash, { ...token, lastUsedAt: null, revokedAt: null }),
    used: async () => undefined,
    list: async () => [...tokens.values()],
    async revoke(name, at) {
      const [hash, info] = [...tokens].find(([, each]) => each.name === name) ?? []
      if (hash === undefined || info === undefined) return undefined
      const revoked = { ...info, revokedAt: at }
      tokens.set(hash, revoked)
      return revoked
    },
  }
  const become = (id: string, state: RunState, change: Partial<RunRecord> = {}): RunRecord => {
    const before = runs.get(id) ?? runRecord()
    const run = { ...before, state, version: before.version + 1, ...change }
    notify({ kind: 'run', run })
    return run
  }
  const engine: Engine = {
    plan: async (procedure, input) => plannedPractice({ procedure, input: input as Planned['input'] }),
    start: async ({ id = makeId(now), procedure, requestedBy }) => {
      const run = runRecord({ id, procedure, requestedBy, state: 'waiting', version: 1 })
      notify({ kind: 'run', run })
      return run
    },
    resume: async (run) => become(run, 'running'),
    cancel: async (run) => become(run, 'stopped'),
    undo: async (run) => become(run, 'undone', { endedAt: now }),
    leave: async (run) => become(run, 'left', { endedAt: now }),
    answer: async (run) => become(run, 'running'),
    approve: async (run) => become(run, 'waiting'),
    detail: async (id) =>
      detail.value ?? {
        run: runs.get(id) ?? runRecord(),
        outlook: plannedPractice().outlook,
        steps: [],
        children: [],
        question: undefined,
        live: undefined,
        approvedBy: undefined,
        cancelRequested: false,
      },
    transcript: async (_run, after, limit) => commands.filter(({ sequence }) => sequence > after).slice(0, limit),
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    nudge: () => undefined,
    recover: async () => undefined,
    close: async () => undefined,
  }
  const freeze: Parts['freeze'] = { read: async () => frozen, set: async (set) => void (frozen = set) }
  const audit: Parts['audit'] = {
    add: async (entry) => {
      const added = { sequence: audited.length + 1, ...entry, hash: '' }
      audited.push(added)
      return added
    },
    verifyPage: async () => ({ last: null, fault: null, isEnd: true }),
    after: async (after, limit) => audited.filter(({ sequence }) => sequence > after).slice(0, limit),
    origin: async () => ({ sequence: 0, hash: '' }),
    cut: async () => undefined,
    list: async ({ before = Number.POSITIVE_INFINITY, limit }) =>
      audited
        .toReversed()
        .filter(({ sequence }) => sequence < before)
        .slice(0, limit),
  }
  const store = storeOf(runs, locks, { mutes, tokens: tokenStore, freeze, audit })
  return {
    clock: { now: () => now, after: () => () => undefined },
    engine,
    store,
    collected: { source: { apiVersion: 1 }, view: () => view, health: () => judge(view), oldest: () => now },
    mutes,
    tokens: tokenStore,
    freeze,
    audit,
    standing: {
      controller: 'c1',
      epoch: () => 1,
      standsBack: () => back.why,
      apart: () => back.apart,
      takeOver: async () => ({ epoch: 2, hosts: [{ host: 'n1', says: 'obeys' }] }),
    },
    procedures: [
      { name: 'practice', title: 'Practise', about: 'Harmless.', class: 'change', input: practiceInput, examples: [] },
    ],
    settings: () => ({ approval: undefined }),
    rootOf: async ({ procedure }) => procedure,
    backup: async () => undefined,
  }
}

const practiceInput = { type: 'object', properties: { host: { type: 'string' } }, required: ['host'] }

/** Only what handlers ask, and nothing is taken back: the real stores have a contract of their own. */
function storeOf(
  runs: Map<string, RunRecord>,
  locks: readonly Lock[],
  books: Pick<ControllerBooks, 'mutes' | 'tokens' | 'freeze' | 'audit'>,
): Parts['store'] {
  const transaction: Pick<RunTransaction, 'run' | 'summaries' | 'locks'> & typeof books = {
    ...books,
    run: async (id) => runs.get(id),
    summaries: async ({ states, before, limit }) =>
      [...runs.values()]
        .toReversed()
        .filter(({ id, state }) => (before === undefined || id < before) && states?.includes(state) !== false)
        .slice(0, limit),
    locks: async () => [...locks],
  }
  // "as": what is not asked is not there.
  return { transaction: async (work) => work(transaction as ControllerTransaction) }
}
