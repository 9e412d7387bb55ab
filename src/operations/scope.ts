/** What an operation works on, as a policy speaks of it: the kind of thing, and the key under which the policy lists such things. */
export const scopeKeys = {
  pool: 'pools',
  dataset: 'datasets',
  snapshot: 'snapshots',
  unit: 'units',
  moduleParameter: 'moduleParameters',
  kubo: 'kubos',
  cluster: 'clusters',
  folder: 'folders',
  package: 'packages',
} as const

export type ScopeKind = keyof typeof scopeKeys

export const scopeKinds = Object.keys(scopeKeys).filter((kind): kind is ScopeKind => kind in scopeKeys)

/** One thing: a pool by its name, a snapshot as `POOL/DATASET@NAME`, a Kubo or Cluster peer by its store. */
export interface Scope {
  kind: ScopeKind
  name: string
}

/** Whether a pattern of a policy means it. `*` stands for any characters. */
export function isMeant(pattern: string, name: string): boolean {
  const parts = pattern.split('*')
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return pattern === name
  if (!name.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
