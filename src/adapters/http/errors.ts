import { NotPermitted, OpsError, type Remedy, Unreachable } from '../../domain/errors.ts'

/** Nobody answers at the address: refused, no such socket, no route, no such name, or the connection broke off. */
export class PeerUnreachable extends Unreachable {}

/** The connection stands, or is being made, and no whole answer came within the deadline. */
export class PeerSilent extends Unreachable {}

/** The certificate of an https address is not one that we trust, or the file of its authority cannot be read. */
export class PeerNotTrusted extends NotPermitted {}

/** The peer does not accept our credentials (401, 403). Message and hint say where they are kept, never what they are. */
export class PeerRefused extends NotPermitted {}

/** The peer answered with an error in the form that its API has for errors. */
export class PeerAnswered extends OpsError {
  readonly remedy: Remedy
  /** The HTTP status. Cluster and Kubo use 500 for nearly everything. */
  readonly status: number
  /** What the peer says, word for word; empty when it says nothing. */
  readonly answer: string

  constructor(request: string, { status, answer }: { status: number; answer: string }) {
    super(`${request} answered HTTP ${status}${answer === '' ? '' : `: ${answer}`}`)
    this.status = status
    this.answer = answer
    this.remedy = status >= 500 || status === 429 ? 'retry' : 'stop'
  }
}

/** A list began and is not whole: what came of it must not be taken for all there is. */
export class ListEndedEarly extends OpsError {
  readonly remedy = 'retry'
  /** What the peer said in `X-Stream-Error`; empty when the connection just ended. */
  readonly trailer: string

  constructor(message: string, { trailer = '', ...options }: ErrorOptions & { trailer?: string } = {}) {
    super(message, options)
    this.trailer = trailer
  }
}
