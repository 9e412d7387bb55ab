import { canonicalJson } from '../domain/canonical-json.ts'
import { Json, type RunRecord } from '../domain/run.ts'
import { NotNow } from './errors.ts'

/** Throws where an id names a run that was asked for otherwise: another procedure or input, by somebody else, or as a part of another. */
export function insistOnSame(
  known: RunRecord,
  { procedure, input, requestedBy }: { procedure: string; input: unknown; requestedBy: string },
): void {
  const given = Json.safeParse(input)
  const isSame =
    known.parent === null &&
    known.procedure === procedure &&
    known.requestedBy === requestedBy &&
    given.success &&
    canonicalJson(known.input) === canonicalJson(given.data)
  if (isSame) return
  throw new NotNow(
    `the request id ${known.id} is that of another run: ${known.title}, asked for by ${known.requestedBy}`,
    'Make a new id for a new run.',
  )
}
