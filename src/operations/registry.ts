import { z } from 'zod'
import { Operation } from '../domain/operation.ts'
import type { Subject } from '../domain/subject.ts'
import type { AnyOperation } from './operation.ts'
import { datasetHold } from './dataset-hold.ts'
import { datasetRelease } from './dataset-release.ts'
import { practiceMark } from './practice-mark.ts'
import { practiceUnmark } from './practice-unmark.ts'
import { type ScopeKind, scopeKinds } from './scope.ts'
import { scrubPause } from './scrub-pause.ts'
import { scrubStart } from './scrub-start.ts'
import { scrubStop } from './scrub-stop.ts'

/** Everything that a host can be asked to do: a new one is one entry here. It is refused on every host until its policy names it. */
export const operations: readonly AnyOperation[] = [
  scrubStart,
  scrubPause,
  scrubStop,
  datasetHold,
  datasetRelease,
  practiceMark,
  practiceUnmark,
]

export const operationKinds: readonly string[] = operations.map(({ kind }) => kind)

/** Undefined for a kind that this release does not know. */
export const operationNamed = (kind: string): AnyOperation | undefined => operations.find((one) => one.kind === kind)

/** An operation that this release knows, told as it is to be: nothing is missing, nothing is said beside it. */
export const KnownOperation = Operation.transform((told, context): Operation => {
  const read = operationNamed(told.kind)?.Schema.safeParse(told)
  if (read?.success === true) return Operation.parse(read.data)
  const issues = read?.error.issues ?? [
    { message: `there is no operation ${told.kind}; there are: ${operationKinds.join(', ')}`, path: ['kind'] },
  ]
  for (const { message, path } of issues) context.issues.push({ code: 'custom', message, path, input: told })
  return z.NEVER
})

/** What an operation works on, on its host. Of one that this release does not know, that is not known: nothing. */
export const subjectsOf = (operation: Operation): readonly Subject[] =>
  operationNamed(operation.kind)?.subjects(operation) ?? []

/** The kinds of things that the policy must name for it. */
export function scopeKindsOf({ scopes, example }: AnyOperation): ScopeKind[] {
  const named = new Set(scopes(example).map(({ kind }) => kind))
  return scopeKinds.filter((kind) => named.has(kind))
}
