import { createHash } from 'node:crypto'
import { canonicalJson } from '../domain/canonical-json.ts'
import type { Json } from '../domain/run.ts'

/** What an approval and a start refer to: SHA-256, in hexadecimal, of a procedure's name and its plan. */
export const planHash = (procedure: string, plan: Json): string =>
  createHash('sha256')
    .update(`${procedure}\n${canonicalJson(plan)}`)
    .digest('hex')

/** Where two plans differ, a line each: `pools.0.guid: "1" is now "2"`. */
export function planDifference(before: Json | undefined, after: Json | undefined, path = ''): string[] {
  if (before !== undefined && after !== undefined) {
    if (canonicalJson(before) === canonicalJson(after)) return []
    if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
      const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
      return keys.flatMap((key) =>
        planDifference(childOf(before, key), childOf(after, key), path === '' ? key : `${path}.${key}`),
      )
    }
  }
  return [`${path === '' ? 'the plan' : path}: ${short(before)} is now ${short(after)}`]
}

type Tree = { [key: string]: Json } | Json[]
const isTree = (value: Json): value is Tree => value !== null && typeof value === 'object'
const childOf = (value: Tree, key: string): Json | undefined => new Map<string, Json>(Object.entries(value)).get(key)

function short(value: Json | undefined): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
