import { z } from 'zod'
import { nearest } from '../../domain/nearest.ts'

/** zod's own word for a type → ours. */
const typeWords: Record<string, string> = {
  object: 'a map (key: value)',
  record: 'a map (key: value)',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
}

/**
 * What is wrong and what is allowed, for issues that have no message of their own in the schema: the error map of a parse.
 * An issue about unknown keys gets one line for each key. Of the value that was found, only its type is told: it might be a
 * secret.
 */
export function issueMessage(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    const wanted = formatOf(issue.inst) ?? typeWords[issue.expected] ?? issue.expected
    if (issue.input === undefined) return `is missing; expected ${wanted}`
    return `expected ${wanted}, found ${typeOf(issue.input)}`
  }
  if (issue.code === 'invalid_value') {
    const allowed = `allowed: ${issue.values.map(String).join(', ')}`
    return issue.input === undefined ? `is missing; ${allowed}` : `not an allowed value; ${allowed}`
  }
  if (issue.code === 'too_small') return `expected at least ${issue.minimum} ${unitOf(issue.origin)}`.trimEnd()
  if (issue.code === 'too_big') return `expected at most ${issue.maximum} ${unitOf(issue.origin)}`.trimEnd()
  if (issue.code === 'invalid_format' && issue.format === 'starts_with') {
    return `it starts with ${String(issue['prefix'])}`
  }
  if (issue.code === 'unrecognized_keys') {
    const allowed = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : []
    return issue.keys.map((key) => unknownKey(key, allowed)).join('\n')
  }
  return undefined
}

function unknownKey(key: string, allowed: readonly string[]): string {
  const meant = nearest(key, allowed)
  const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`
  return `unknown key${hint}; allowed: ${allowed.join(', ')}`
}

/** The words that a text's own pattern is explained with: they say more than "text". */
function formatOf(schema: z.core.$ZodRawIssue['inst']): string | undefined {
  if (!(schema instanceof z.ZodString)) return undefined
  const issue = schema.safeParse('', { error: issueMessage }).error?.issues[0]
  return issue?.code === 'invalid_format' ? `text (${issue.message})` : undefined
}

function unitOf(origin: string): string {
  if (origin === 'array') return 'in the list'
  return origin === 'string' ? 'characters' : ''
}

function typeOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeWords[typeof value] ?? typeof value
}
