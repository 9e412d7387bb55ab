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
    firstWords: {
      of: async (run) => within(async (books) => books.firstWords.of(run)),
      put: async (word) => within(async (books) => books.firstWords.put(word)),
      remove: async (run, action) => within(async (books) => books.firstWords.remove(run, action)),
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
      after: async (sequence, limit) => within(async (books) => books.audit.after(sequence, limit)),
      origin: async () => within(async (books) => books.audit.origin()),
      cut: async (last) => within(async (books) => books.audit.cut(last)),
      verifyPage: async (after) => within(async (books) => books.audit.verifyPage(after)),
    },
    retention: {
      forgetRuns: async (bounds, staying) => within(async (books) => books.retention.forgetRuns(bounds, staying)),
      keptRuns: async (staying) => within(async (books) => books.retention.keptRuns(staying)),
      forgetTranscripts: async (bounds) => within(async (books) => books.retention.forgetTranscripts(bounds)),
    },
    operations: {
      add: async (operation) => within(async (books) => books.operations.add(operation)),
      find: async (id) => within(async (books) => books.operations.find(id)),
      forget: async (before) => within(async (books) => books.operations.forget(before)),
    },
    feed: {
      add: async (entry) => within(async (books) => books.feed.add(entry)),
      after: async (sequence, limit) => within(async (books) => books.feed.after(sequence, limit)),
      newest: async () => within(async (books) => books.feed.newest()),
    },
  }
}
