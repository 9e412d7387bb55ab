import type { z } from 'zod'
import type { Path } from './yaml-text.ts'

/** One thing that a schema found, by path. `key` is set where a key is meant, not the value behind it. */
export interface SchemaProblem {
  readonly path: Path
  readonly key?: string
  readonly message: string
}

/** The issues of a parse, one for each key or value concerned; of a union, those of the choice that was meant. */
export function schemaProblems(issues: readonly z.core.$ZodIssue[], above: Path = []): SchemaProblem[] {
  return issues.flatMap((issue): SchemaProblem[] => {
    const path = [...above, ...issue.path]
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n')
      return issue.keys.map((key, index) => ({ path, key, message: messages[index] ?? issue.message }))
    }
    if (issue.code === 'invalid_union') {
      const meant = choiceMeant(issue.errors)
      if (meant !== undefined) return schemaProblems(meant, path)
    }
    return [{ path, message: issue.message }]
  })
}

/** The one choice whose own type and keys fit, so that its inner problems are worth telling; undefined when there is none. */
function choiceMeant(choices: readonly z.core.$ZodIssue[][]): readonly z.core.$ZodIssue[] | undefined {
  const fits = choices.filter(
    (issues) =>
      !issues.some(({ code, path }) => path.length === 0 && (code === 'invalid_type' || code === 'unrecognized_keys')),
  )
  if (fits.length === 1) return fits[0]
  // A map with one wrong key, beside choices that are no maps: the map was meant.
  const rightType = choices.filter(
    (issues) => !issues.some(({ code, path }) => path.length === 0 && code === 'invalid_type'),
  )
  return rightType.length === 1 ? rightType[0] : undefined
}

/** `hosts[1].stores[0].tier`. */
export function fieldText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}
