import { z } from 'zod'
import { PoolName } from './fleet.ts'
import { Operation, type OperationKind } from './operation.ts'

/** Every kind of operation there is. */
export const operationKinds: readonly OperationKind[] = Operation.options.map(({ shape }) => shape.kind.value)

/** Done by the agent itself, in its own folder: harmless, and allowed without a word in the policy. */
export const isHarmless = (kind: OperationKind): kind is 'practice-mark' | 'practice-unmark' =>
  kind === 'practice-mark' || kind === 'practice-unmark'

/** What only the executor can do, as root, and only where the policy allows it. */
export type RootOperation = Exclude<Operation, { kind: 'practice-mark' | 'practice-unmark' }>
export const needsRoot = (operation: Operation): operation is RootOperation => !isHarmless(operation.kind)
export const RootOperation = Operation.refine(needsRoot, 'the agent does this by itself')

const PolicyWord = z.enum(operationKinds)

/** One line of a policy: what may be done, with which pools. */
export const Allowance = z.strictObject({
  operations: z.array(PolicyWord).min(1),
  pools: z.array(z.union([z.literal('*'), PoolName])).min(1),
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
  allow: z.array(Allowance.extend({ line: z.int() })),
})
export type PolicyView = z.infer<typeof PolicyView>

/** Whether an operation may be done, and by which line. */
export interface PolicyVerdict {
  isAllowed: boolean
  /** A sentence: the line that allows or forbids it, or that none does. */
  says: string
}

/** Judges by what the file says; `pool` is what the operation is about, where it is about one. */
export function judgeByPolicy(policy: PolicyView, kind: OperationKind, pool: string | undefined): PolicyVerdict {
  if (isHarmless(kind)) {
    return { isAllowed: true, says: `${kind} touches nothing but the agent’s own folder: it is always allowed` }
  }
  const { file, mode, modeLine, isThere } = policy
  const on = pool === undefined ? '' : ` on ${pool}`
  if (!isThere) {
    return { isAllowed: false, says: `there is no ${file}, so this host is only observed: ${kind}${on} is not allowed` }
  }
  if (mode === 'observe-only') {
    const where =
      modeLine === null
        ? `${file} gives no mode, which means observe-only`
        : `${file}:${modeLine} says mode: observe-only`
    return { isAllowed: false, says: `${where}: ${kind}${on} is not allowed` }
  }
  const covering = policy.allow.filter(({ operations }) => operations.includes(kind))
  const line = covering.find(({ pools }) => pools.some((name) => name === '*' || name === pool))
  if (line !== undefined) return { isAllowed: true, says: `${file}:${line.line} allows ${kind}${on}` }
  const near = covering[0]
  return {
    isAllowed: false,
    says:
      near === undefined
        ? `no line of ${file} allows ${kind}`
        : `no line of ${file} allows ${kind}${on}: line ${near.line} allows it on ${near.pools.join(', ')} only`,
  }
}
