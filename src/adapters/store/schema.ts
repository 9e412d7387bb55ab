/** The tables, as the newest migration leaves them. Moments are milliseconds; JSON is text. */
export interface Schema {
  store_migrations: { version: number; applied_at: number }
  store_commits: { commits: number }
  runs: RunsTable
  run_plans: { run: string; input: string; plan: string; plan_hash: string }
  run_events: { run: string; sequence: number; at: number; body: string }
  first_words: {
    run: string
    action: string
    choice: string
    person: string
    plan_hash: string
    version: number
    at: number
  }
  leader: { id: number; process: string }
  locks: { key: string; run: string; capacity: number; class: string; taken_at: number }
  transcript: { run: string; sequence: number; step: string; body: string }
  transcript_sizes: { run: string; entries: number; bytes: number }
  feed: { sequence: number; at: number; kind: string; run: string | null; body: string }
  identity: { id: number; controller: string; epoch: number; machine: string; file: string; claimed_at: number }
  tokens: TokensTable
  mute_book: { id: number; body: string }
  looks: { sequence: number; body: string }
  freezes: { id: number; by_whom: string; reason: string; since: number; until: number | null }
  audit: AuditTable
  audit_cut: { id: number; sequence: number; hash: string }
  operations: { id: string; host: string; run: string; at: number }
  forgotten_operations: { id: number; newest: string }
}

export interface RunsTable {
  id: string
  parent: string | null
  child: number | null
  procedure: string
  title: string
  class: string
  state: string
  version: number
  progress: string
  share: number
  reason: string
  requested_by: string
  created_at: number
  updated_at: number
  ended_at: number | null
}

interface TokensTable {
  name: string
  person: string
  role: string
  hash: string
  created_at: number
  last_used_at: number | null
  revoked_at: number | null
}

interface AuditTable {
  sequence: number
  at: number
  who: string
  what: string
  subject: string
  outcome: string
  hash: string
}
