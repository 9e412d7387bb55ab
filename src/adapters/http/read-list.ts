import { UnexpectedOutput } from '../../domain/errors.ts'
import type { Duration } from '../../domain/units.ts'
import type { Answer } from './answer.ts'
import type { Deadline } from './deadline.ts'
import { ListEndedEarly } from './errors.ts'
import { lineSplitter } from './split-lines.ts'

/** Whether the trailer `X-Stream-Error` stands at the end of every list, or only of one that failed. */
export type EndTrailer = 'always' | 'on-error'

interface ListOptions<T> {
  parse: (line: string, request: string) => T
  deadline: Deadline
  nextItemWithin: Duration
  lineBytes: number
  endTrailer: EndTrailer
}

/** The items of a list, one JSON value a line. Throws at its end when it is not whole. */
export async function* readList<T>(answer: Answer, options: ListOptions<T>): AsyncGenerator<T, void, undefined> {
  const { parse, deadline, nextItemWithin } = options
  const { request } = answer
  const splitter = lineSplitter(options)
  const brokenOff = (cause: unknown) => new ListEndedEarly(`${request} broke off in the middle of its list`, { cause })
  const tooSlow = () => new ListEndedEarly(`${request} gave no further item for ${nextItemWithin / 1000} s`)

  for await (const chunk of answer.chunks(brokenOff)) {
    const lines = splitter.push(chunk)
    // A chunk without a line end buys no time: a peer that drips bytes is as late as one that is silent.
    if (lines.length === 0) continue
    deadline.pause()
    for (const line of lines) {
      yield parse(line, request)
      deadline.throwIfOver()
    }
    deadline.start(nextItemWithin, tooSlow)
  }

  const rest = splitter.rest()
  if (rest !== '')
    throw new ListEndedEarly(`${request} ended in the middle of an item`, { cause: new Error(rest.slice(0, 500)) })
  refuseStreamError(answer, options.endTrailer)
}

/**
 * ipfs-cluster 1.1.6 sets the trailer to "" when all went well, and adds a second value when not; Kubo 0.43 sets it only
 * when something went wrong. Joined, as some proxies do, the two values read ", boom".
 */
function refuseStreamError(answer: Answer, endTrailer: EndTrailer): void {
  const values = answer.trailer('x-stream-error')
  if (values === undefined && endTrailer === 'always') {
    throw new UnexpectedOutput(
      `${answer.request} ended without the trailer X-Stream-Error, which alone tells whether its list is whole; does a proxy stand between?`,
      '',
    )
  }
  const trailer = (values ?? [])
    .map((value) => value.replace(/^[,\s]+/, '').trim())
    .filter((value) => value !== '')
    .join('; ')
  if (trailer !== '')
    throw new ListEndedEarly(`${answer.request} ended its list with an error: ${trailer}`, { trailer })
}
