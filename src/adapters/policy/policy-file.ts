import type { z } from 'zod'
import { OpsError } from '../../domain/errors.ts'
import { Policy, type PolicyView } from '../../operations/policy.ts'
import { parseYamlText } from '../files/yaml-text.ts'
import { readRootFile } from './root-file.ts'

/** Where the policy of a host lies. */
export const defaultPolicyFile = '/etc/tiercel/policy.yaml'

/** The policy cannot be trusted: it is not root's alone, or not understood. */
export class PolicyInvalid extends OpsError {
  readonly remedy = 'stop'
}

/** Reads the policy anew, so that a change counts at once. Only a file that root alone can write, or put there, is obeyed. */
export function readPolicy(file: string): PolicyView {
  const read = readRootFile(file)
  if (read.is === 'absent') return { file, isThere: false, mode: 'observe-only', modeLine: null, allow: [] }
  if (read.is === 'refused') throw new PolicyInvalid(`${file} is not root’s alone, so nothing is allowed: ${read.why}`)
  return parsePolicy(file, read.text)
}

/** The text of a policy, with the lines of what it says. */
export function parsePolicy(file: string, text: string): PolicyView {
  const parsed = parseYamlText(text)
  if (!('data' in parsed)) {
    const [first] = parsed
    throw new PolicyInvalid(
      `${file}:${first?.line ?? 1} is not understood, so nothing is allowed: ${first?.message ?? ''}`,
    )
  }
  const read = Policy.safeParse(parsed.data)
  if (!read.success) throw new PolicyInvalid(wrong(file, read.error, (path) => parsed.placeOf(path).line))
  const { mode, allow } = read.data
  const hasMode = typeof parsed.data === 'object' && parsed.data !== null && 'mode' in parsed.data
  return {
    file,
    isThere: true,
    mode,
    modeLine: hasMode ? parsed.placeOf(['mode']).line : null,
    allow: allow.map((entry, index) => ({ ...entry, line: parsed.placeOf(['allow', index]).line })),
  }
}

function wrong(file: string, error: z.ZodError, lineOf: (path: readonly PropertyKey[]) => number): string {
  const [issue] = error.issues
  const path = issue?.path ?? []
  const field = path.length === 0 ? '' : `${path.join('.')}: `
  return `${file}:${lineOf(path)} is not understood, so nothing is allowed: ${field}${issue?.message ?? ''} (docs/reference/policy.schema.json)`
}
