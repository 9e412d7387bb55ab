import type { ApiError } from '../../api/agent.ts'
import { Refusal, type Remedy, Stuck, Unreachable } from '../../domain/errors.ts'
import { Refused } from './ask.ts'

/**
 * What each word of an agent means to whoever wants something done. None: nobody can tell what became of it, as where its log
 * cannot be read or written.
 */
const meanings: Partial<Record<ApiError['error']['code'], Remedy>> = {
  'not-authenticated': 'stop',
  'not-found': 'stop',
  'bad-request': 'stop',
  'refused-by-policy': 'stop',
  busy: 'retry',
  'other-host': 'stop',
  'older-epoch': 'stop',
  'other-controller': 'stop',
  'id-too-old': 'stop',
  'id-ahead': 'stop',
  'id-reused': 'stop',
  'other-key': 'stop',
  'bad-signature': 'stop',
  'not-granted': 'stop',
  'look-only': 'stop',
  'executor-unreachable': 'retry',
  'unknown-operation': 'ask',
}

/** The same error in the words of the port: a refusal, or that nobody can tell. */
export function asRefusal(error: unknown): unknown {
  if (!(error instanceof Refused)) return error
  const { code, message, hint } = error
  if (code === 'stuck') return new Stuck(message)
  const remedy = meanings[code]
  if (remedy !== undefined) return new Refusal(code, message, { hint, remedy })
  return new Unreachable(hint === undefined ? message : `${message} (${hint})`)
}
