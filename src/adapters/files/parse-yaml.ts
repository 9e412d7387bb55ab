import type { z } from 'zod'
import { ConfigInvalid, type Problem } from './config-invalid.ts'
import { issueMessage } from './issue-message.ts'
import { fieldText, type SchemaProblem, schemaProblems } from './issues.ts'
import { type ParsedYaml, parseYamlText } from './yaml-text.ts'

/** The text of `file` as the schema wants it, and as it stands. Throws {@link ConfigInvalid}. */
export function parseYaml<S extends z.ZodType>(
  file: string,
  text: string,
  schema: S,
): { value: z.output<S>; source: unknown } {
  const parsed = parseYamlText(text)
  if (!('data' in parsed)) {
    throw new ConfigInvalid(parsed.map((problem) => ({ file, field: '', ...problem })))
  }
  const result = schema.safeParse(parsed.data, { error: issueMessage })
  if (result.success) return { value: result.data, source: parsed.data }
  const problems = schemaProblems(result.error.issues)
  throw new ConfigInvalid(
    [...problems, ...hiddenBehind(problems, parsed, schema)]
      .map((problem) => locate(file, parsed, problem))
      .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
  )
}

/** Rules about the whole (names that must be unique or known) are not looked at while a key is unknown: look without it. */
function hiddenBehind(problems: readonly SchemaProblem[], { data }: ParsedYaml, schema: z.ZodType): SchemaProblem[] {
  if (!problems.every(({ key }) => key !== undefined)) return []
  const copy = structuredClone(data)
  for (const { path, key } of problems) {
    let owner: unknown = copy
    for (const part of path) owner = typeof owner === 'object' && owner !== null ? Reflect.get(owner, part) : undefined
    if (typeof owner === 'object' && owner !== null && key !== undefined) Reflect.deleteProperty(owner, key)
  }
  const again = schema.safeParse(copy, { error: issueMessage })
  return again.success ? [] : schemaProblems(again.error.issues)
}

function locate(file: string, parsed: ParsedYaml, { path, key, message }: SchemaProblem): Problem {
  const { line, column } = key === undefined ? parsed.placeOf(path) : parsed.placeOfKey(path, key)
  return { file, line, column, field: fieldText(key === undefined ? path : [...path, key]), message }
}
