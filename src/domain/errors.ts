/** What the caller may do about a failure. The engine obeys this, and never reads a message. */
export type Remedy =
  | 'retry' // the world may change by itself: the network, a busy dataset
  | 'ask' // a person must look: the state is not one we foresaw
  | 'stop' // trying again cannot help: bad input, an unknown version

/** Base of every error we throw on purpose. The message says what failed; `cause` says why. */
export abstract class OpsError extends Error {
  abstract readonly remedy: Remedy
  override readonly name: string = this.constructor.name
}

/** The whole chain on one line, for logs and screens: `cannot list pools: zpool exited 1: ...`. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${explain(error.cause)}`
}

/** A program or a peer answered with something that we do not know. Never guessed at: the raw text is kept. */
export class UnexpectedOutput extends OpsError {
  readonly remedy = 'stop'
  /** What the other side said, word for word, cut to {@link rawLimit} characters. */
  readonly raw: string

  constructor(message: string, raw: string, options?: ErrorOptions) {
    super(message, options)
    this.raw = raw.length > rawLimit ? `${raw.slice(0, rawLimit)}… (${raw.length} characters in all)` : raw
  }
}

/** Nobody answers at an address, or not in time. */
export class Unreachable extends OpsError {
  readonly remedy: Remedy = 'retry'
}

/** Something that a person can set right; `hint` says how. */
abstract class HintedError extends OpsError {
  readonly remedy = 'stop'
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}

/** A program is not installed on this machine. */
export class ProgramMissing extends HintedError {}

/** We may not look. */
export class NotPermitted extends HintedError {}

/** A command runs past its deadline. It may not be killable: a `zpool` can hang in the kernel. */
export class Stuck extends OpsError {
  readonly remedy = 'retry'
}

/** The other side understood, and will not: its policy, a newer controller, an id that is not for it. Nothing was run. */
export class Refusal extends OpsError {
  readonly remedy: Remedy
  /** Stable word, for programs. */
  readonly code: string
  readonly hint: string | undefined

  constructor(code: string, message: string, options: { hint?: string | undefined; remedy?: Remedy } = {}) {
    super(message)
    this.code = code
    this.hint = options.hint
    this.remedy = options.remedy ?? 'stop'
  }
}

/** How much of a refused text is kept: enough for any real `zpool status`, bounded against a runaway program. */
const rawLimit = 64 * 1024
