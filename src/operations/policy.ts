import { z } from 'zod'
import { PoolName } from '../domain/fleet.ts'
import type { Operation } from '../domain/operation.ts'
import type { AnyOperation } from './operation.ts'
import { operationKinds, operationNamed, operations, scopeKindsOf } from './registry.ts'
import { isMeant, type Scope, scopeKeys, type ScopeKind, scopeKinds } from './scope.ts'

const Pattern = z.string().regex(/^[^\p{Cc}]{1,512}$/u, 'a name, in which * stands for any characters')
const Patterns = z.array(Pattern).min(1).optional()

/** One line of a policy: what may be done, with which things. */
export const Allowance = z
  .strictObject({
    operations: z.array(z.enum(operationKinds)).min(1),
    pools: z
      .array(z.union([z.literal('*'), PoolName]))
      .min(1)
      .optional(),
    datasets: Patterns,
    snapshots: Patterns.describe('POOL/DATASET@NAME'),
    units: Patterns,
    moduleParameters: Patterns,
    kubos: Patterns.describe('The Kubo of a store, by the store’s name'),
    clusters: Patterns.describe('The Cluster peer of a store, by the store’s name'),
    folders: Patterns,
    packages: Patterns,
  } satisfies Record<'operations' | (typeof scopeKeys)[ScopeKind], z.ZodType>)
  .superRefine((entry, context) => {
    // An operation whose things are not named, beside things that are not its own: nobody could tell what was meant.
    for (const [index, word] of entry.operations.entries()) {
      const one = operationNamed(word)
      if (one === undefined || one.by === 'harmless') continue
      const wanted = scopeKindsOf(one).map((kind) => scopeKeys[kind])
      const foreign = scopeKinds.map((kind) => scopeKeys[kind]).find((key) => entry[key] && !wanted.includes(key))
      const missing = wanted.find((key) => entry[key] === undefined)
      if (foreign === undefined && missing === undefined) continue
      const said = foreign === undefined ? `of which ${missing} are not named` : `not about ${foreign}`
      context.addIssue({
        code: 'custom',
        path: foreign === undefined ? ['operations', index] : [foreign],
        message: `${word} is about ${wanted.join(' and ')}, ${said}; write: - { operations: [${word}], ${wanted.map((key) => `${key}: ['*']`).join(', ')} }`,
      })
    }
  })
export type Allowance = z.infer<typeof Allowance>

/** `/etc/tiercel/policy.yaml`, root's own file: what may be changed on this host. Without one: nothing. */
export const Policy = z.strictObject({
  apiVersion: z.literal(1),
  mode: z
    .enum(['observe-only', 'operate'])
    .default('observe-only')
    .describe('observe-only: whatever stands under allow, nothing is changed'),
  allow: z.array(Allowance).default([]).describe('What may be done; what no entry names is refused'),
})
export type Policy = z.infer<typeof Policy>

/** A policy with the places of what it says, for people. */
export const PolicyView = z.object({
  /** Its path. */
  file: z.string(),
  /** False: there is no such file, and so nothing is allowed. */
  isThere: z.boolean(),
  mode: z.enum(['observe-only', 'operate']),
  modeLine: z.int().nullable(),
  allow: z.array(Allowance.safeExtend({ line: z.int() })),
})
export type PolicyView = z.infer<typeof PolicyView>

/** Whether an operation may be done, and by which line. */
export interface PolicyVerdict {
  isAllowed: boolean
  /** A sentence: the line that allows or forbids it, or that none does. */
  says: string
}

/** Judges by what the file says: one of its lines must allow all that the operation is about. */
export const judgeByPolicy = (
  policy: PolicyView,
  operation: Operation,
  one = operationNamed(operation.kind),
): PolicyVerdict =>
  one === undefined
    ? { isAllowed: false, says: `there is no operation ${operation.kind}; there are: ${operationKinds.join(', ')}` }
    : judgeKind(policy, one, one.scopes(operation))

/** The same without its words: `scopes` with an empty name stand for anything. */
export function judgeKind(policy: PolicyView, one: AnyOperation, scopes: readonly Scope[]): PolicyVerdict {
  const { kind } = one
  if (one.by === 'harmless') {
    return { isAllowed: true, says: `${kind} touches nothing but the agent’s own folder: it is always allowed` }
  }
  const { file, mode, modeLine, isThere } = policy
  const names = scopes.map(({ name }) => name).filter((name) => name !== '')
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  const on = names.length === 0 ? '' : ` on ${names.slice(0, 3).join(', ')}${more}`
  if (!isThere) return no(`there is no ${file}, so this host is only observed: ${kind}${on} is not allowed`)
  if (mode === 'observe-only') {
    const where =
      modeLine === null
        ? `${file} gives no mode, which means observe-only`
        : `${file}:${modeLine} says mode: observe-only`
    return no(`${where}: ${kind}${on} is not allowed`)
  }
  const covering = policy.allow.filter((entry) => entry.operations.includes(kind))
  const line = covering.find((entry) =>
    scopes.every((scope) => entry[scopeKeys[scope.kind]]?.some((pattern) => isMeant(pattern, scope.name)) === true),
  )
  if (line !== undefined) return { isAllowed: true, says: `${file}:${line.line} allows ${kind}${on}` }
  const near = covering[0]
  return no(
    near === undefined
      ? `no line of ${file} allows ${kind}`
      : `no line of ${file} allows ${kind}${on}: line ${near.line} allows it on ${allowedNames(near).join(', ')} only`,
  )
}

const no = (says: string): PolicyVerdict => ({ isAllowed: false, says })

/** All that a line of a policy names. */
export const allowedNames = (entry: Allowance): string[] => scopeKinds.flatMap((kind) => entry[scopeKeys[kind]] ?? [])

/** Lines that allow everything that there is, on everything: one for all that are about the same kinds of things. */
export function everythingAllowed(): Allowance[] {
  const lines = new Map<string, Allowance>()
  for (const one of operations.filter(({ by }) => by !== 'harmless')) {
    const keys = scopeKindsOf(one).map((kind) => scopeKeys[kind])
    const line = lines.get(keys.join()) ?? { operations: [], ...Object.fromEntries(keys.map((key) => [key, ['*']])) }
    line.operations.push(one.kind)
    lines.set(keys.join(), line)
  }
  return [...lines.values()]
}
