import { errors } from 'undici'
import type { Api } from '../../domain/fleet.ts'
import { OpsError, UnexpectedOutput } from '../../domain/errors.ts'
import { PeerNotTrusted, PeerUnreachable } from './errors.ts'

/** What kept us from an answer to `request`, as an error of ours. Codes: Node 26 (`errors`, `tls`), undici 8.12. */
export function connectionFailure(api: Api, request: string, cause: unknown): Error {
  if (cause instanceof OpsError || !(cause instanceof Error))
    return cause instanceof Error ? cause : new Error(String(cause))
  // Several addresses of one name were tried, each with its own error; the aggregate itself says nothing.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause
  const error = first instanceof Error ? first : cause
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (notTrusted.test(code)) {
    const hint =
      api.ca === undefined
        ? `If ${api.url} has a certificate authority of your own, name its file under ca.`
        : `Check that ${api.ca} holds the certificate authority that issued the certificate of ${api.url}.`
    return new PeerNotTrusted(`the certificate of ${api.url} is not trusted`, hint, { cause: error })
  }
  if (error instanceof errors.HTTPParserError || code === 'UND_ERR_HEADERS_OVERFLOW') {
    const data = 'data' in error && typeof error.data === 'string' ? error.data : ''
    return new UnexpectedOutput(`${request} was answered with something that is not HTTP`, data, { cause: error })
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return new UnexpectedOutput(`${api.url} does not speak TLS as we do; is it http?`, error.message, { cause: error })
  }
  if (code === 'ENOENT' && api.url.startsWith('unix:')) {
    return new PeerUnreachable(`there is no socket at ${api.url}`, { cause: error })
  }
  if (code === 'EACCES') {
    return new PeerUnreachable(`this process may not connect to ${api.url}`, { cause: error })
  }
  if (neverConnected.has(code)) return new PeerUnreachable(`nobody answers at ${api.url}`, { cause: error })
  return new PeerUnreachable(`${request} got no answer: the connection broke off`, { cause: error })
}

const notTrusted =
  /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT_)/

const neverConnected = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])
