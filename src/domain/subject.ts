/**
 * What work is about, as text: `host:n1`, `pool:n1/tank`, `dataset:n1/tank/a`, `snapshot:n1/tank/a@s`, `store:n1/hot`,
 * `kubo:n1/hot`, `peer:n1/hot`. On one host, the host is left out (`pool:tank`). Any other text is a thing by itself.
 */
export type Subject = string

/** The kinds that lie on a host. */
const onHosts: readonly string[] = ['pool', 'dataset', 'snapshot', 'store', 'kubo', 'peer']

/**
 * Whether work on the one must wait for work on the other: they are the same, or one contains the other. A host contains all
 * that is on it, a pool its datasets, a dataset the datasets below it and all their snapshots, a store its Kubo and its peer.
 */
export const excludes = (one: Subject, other: Subject): boolean =>
  one === other || contains(one, other) || contains(other, one)

function contains(outer: Subject, inner: Subject): boolean {
  const [around, name] = split(outer)
  const [within, path] = split(inner)
  switch (around) {
    case 'host':
      return onHosts.includes(within) && path.startsWith(`${name}/`)
    case 'pool':
      // The first dataset of a pool has its name.
      return within === 'dataset' ? path === name || path.startsWith(`${name}/`) : isBelow(name, within, path)
    case 'dataset':
      return within === 'dataset' ? path.startsWith(`${name}/`) : isBelow(name, within, path)
    case 'store':
      return (within === 'kubo' || within === 'peer') && path === name
    default:
      return false
  }
}

const isBelow = (name: string, within: string, path: string): boolean =>
  within === 'snapshot' && (path.startsWith(`${name}@`) || path.startsWith(`${name}/`))

function split(subject: Subject): [string, string] {
  const at = subject.indexOf(':')
  return [subject.slice(0, at), subject.slice(at + 1)]
}

/** The same subject, as it is named over all hosts. */
export const onHost = (host: string, subject: Subject): Subject => subject.replace(':', `:${host}/`)
