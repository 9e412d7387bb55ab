import type { Api } from '../../domain/fleet.ts'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { Answer } from './answer.ts'
import { describeAuth } from './credentials.ts'
import { PeerAnswered, PeerRefused } from './errors.ts'

/** Reads, from the body of an error answer, what the peer says; undefined when it is not of the peer's form. */
export type ErrorMessage = (body: string, contentType: string) => string | undefined

/** How much of a peer's plain text goes into a message. */
const longestAnswer = 500

/** Throws unless the answer is JSON with status 200, or empty with status 204. */
export async function refuseAnswer(answer: Answer, { api, says }: { api: Api; says: ErrorMessage }): Promise<void> {
  const { status, request } = answer
  const type = answer.header('content-type').split(';')[0]?.trim().toLowerCase() ?? ''
  if (status === 204) return
  if (status === 200) {
    const encoding = answer.header('content-encoding')
    if (type === 'application/json' && encoding === '') return
    const what = encoding === '' ? type || 'no content type' : `content encoding ${encoding}`
    const message = `${request} answered with ${what}, not with JSON; is this the address of the API?`
    throw new UnexpectedOutput(message, await answer.head())
  }
  if (status >= 300 && status < 400) {
    const message = `${request} answered with a redirect (HTTP ${status}) to ${answer.header('location') || 'nowhere'}`
    throw new UnexpectedOutput(`${message}; redirects are not followed`, await answer.head())
  }
  const body = await answer.head()
  const said = says(body, type)
  if (status === 401 || status === 403) {
    const cause = said === undefined || said === '' ? {} : { cause: new Error(said.slice(0, longestAnswer)) }
    throw new PeerRefused(`${request} was refused (HTTP ${status})`, hint(api), cause)
  }
  if (status >= 400 && said !== undefined)
    throw new PeerAnswered(request, { status, answer: said.slice(0, longestAnswer) })
  throw new UnexpectedOutput(
    `${request} answered HTTP ${status} with ${type || 'no content type'}, in no form we know`,
    body,
  )
}

function hint(api: Api): string {
  if (api.auth === undefined) return `Declare credentials for ${api.url}, under auth; none are declared.`
  return `Check the credentials declared for ${api.url}: ${describeAuth(api.auth)}.`
}
