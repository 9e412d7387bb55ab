import type { ControllerBooks } from '../../domain/ports/controller-store.ts'

/** The books of a controller, where each call is a transaction of its own. */
export function booksApart(within: <T>(work: (books: ControllerBooks) => Promise<T>) => Promise<T>): ControllerBooks {
  return {
    identity: {
      read: async () => within(async (books) => books.identity.read()),
      claim: async (authority, at) => within(async (books) => books.identity.claim(authority, at)),
    },
    tokens: {
      add: async (token, hash) => within(async (books) => books.tokens.add(token, hash)),
      byHash: async (hash) => within(async (books) => books.tokens.byHash(hash)),
      list: async () => within(async (books) => books.tokens.list()),
      revoke: async (name, at) => within(async (books) => books.tokens.revoke(name, at)),
      used: async (name, at) => within(async (books) => books.tokens.used(name, at)),
    },
    mutes: {
      read: async () => within(async (books) => books.mutes.read()),
      add: async (mute) => within(async (books) => books.mutes.add(mute)),
      record: async (changes) => within(async (books) => books.mutes.record(changes)),
    },
    looks: {
      read: async () => within(async (books) => books.looks.read()),
      remember: async (health) => within(async (books) => books.looks.remember(health)),
    },
    freeze: {
      read: async () => within(async (books) => books.freeze.read()),
      set: async (freeze) => within(async (books) => books.freeze.set(freeze)),
    },
    audit: {
      add: async (entry) => within(async (books) => books.audit.add(entry)),
      list: async (page) => within(async (books) => books.audit.list(page)),
      verify: async () => within(async (books) => books.audit.verify()),
    },
    approvals: {
      add: async (approval) => within(async (books) => books.approvals.add(approval)),
      of: async (run) => within(async (books) => books.approvals.of(run)),
    },
    operations: {
      add: async (operation) => within(async (books) => books.operations.add(operation)),
      find: async (id) => within(async (books) => books.operations.find(id)),
      unknown: async (ids) => within(async (books) => books.operations.unknown(ids)),
      forget: async (before) => within(async (books) => books.operations.forget(before)),
    },
    requests: {
      runOf: async (request) => within(async (books) => books.requests.runOf(request)),
      remember: async (request, run, at) => within(async (books) => books.requests.remember(request, run, at)),
      forget: async (before) => within(async (books) => books.requests.forget(before)),
    },
    feed: {
      add: async (entry) => within(async (books) => books.feed.add(entry)),
      after: async (sequence, limit) => within(async (books) => books.feed.after(sequence, limit)),
      newest: async () => within(async (books) => books.feed.newest()),
    },
  }
}
