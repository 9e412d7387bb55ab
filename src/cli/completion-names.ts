import { looksFile } from '../adapters/state/looks-file.ts'
import { mutesFile } from '../adapters/state/mutes-file.ts'
import { stateFolder } from '../adapters/state/state-folder.ts'
import type { Fleet } from '../domain/fleet.ts'
import { severities } from '../domain/health/finding.ts'
import { checks } from '../domain/health/checks/index.ts'
import type { Candidate, Place } from './complete-words.ts'
import { controllerAddress } from './find-controller.ts'
import { declaredFleet } from './declared-fleet.ts'

/**
 * The names that files know, and the runs that the controller has. No host is contacted: a key pressed on a command line must
 * not wait, nor log in anywhere.
 */
export async function knownNames(place: Place): Promise<Candidate[]> {
  try {
    return await namesOf(place)
  } catch {
    // A file that is not right is told by the command itself; here there is nobody to tell it to.
    return []
  }
}

async function namesOf({ kind, positionals, given, hosts }: Place): Promise<Candidate[]> {
  if (kind === 'code') return checks.map(({ code, title }) => ({ value: code, description: title }))
  if (kind === 'severity') return severities.map(plain)
  if (!kinds.has(kind)) return []
  const { fleet, file } = await declaredFleet(given.fleet)
  if (kind === 'run') return newestRuns(fleet, given.controller)
  if (kind === 'mute') {
    const { mutes } = await mutesFile(stateFolder(file)).read()
    const about = mutes.map(({ id, code, subject }) => ({ value: id, description: `${code} ${subject ?? ''}`.trim() }))
    return [...about, ...unique(mutes.map(({ code }) => code))]
  }
  if (kind === 'subject') {
    const code = positionals[0]?.toUpperCase()
    const last = (await looksFile(stateFolder(file)).read()).looks.at(-1)?.findings ?? []
    const found = last.filter((finding) => finding.code === code).map(({ subject }) => subject)
    return unique(found.length > 0 ? found : [...hostsOf(fleet), ...storesOf(fleet), ...poolsOf(fleet)])
  }
  const names = (byKind[kind] ?? (() => []))(fleet)
  return unique(hosts === undefined ? names : withoutHost(names, hosts))
}

/** `hot` for `n1/hot`: what lies on these hosts; on any where none is named. */
const withoutHost = (names: readonly string[], hosts: readonly string[]): string[] =>
  names.flatMap((name) => {
    const at = name.indexOf('/')
    if (at < 0) return [name]
    return hosts.length === 0 || hosts.includes(name.slice(0, at)) ? [name.slice(at + 1)] : []
  })

/** A controller answers from its own store, or is not waited for. */
const controllerWithin = 700

async function newestRuns(fleet: Fleet, controller: string | undefined): Promise<Candidate[]> {
  const address = controllerAddress(controller, fleet)
  if (address === undefined) return []
  const { controllerClient } = await import('../adapters/controller/client.ts')
  const client = controllerClient(address)
  try {
    const { runs } = await client.ask('runs', { query: { limit: 50 } }, AbortSignal.timeout(controllerWithin))
    return runs.map(({ id, title, state }) => ({ value: id, description: `${title} (${state})` }))
  } finally {
    await client.close()
  }
}

const hostsOf = ({ hosts }: Fleet): string[] => hosts.map(({ name }) => name)

const inStores =
  (pick: (store: Fleet['hosts'][number]['stores'][number]) => string | undefined) =>
  ({ hosts }: Fleet): string[] =>
    hosts.flatMap(({ name, stores }) =>
      stores.flatMap((store) => {
        const picked = pick(store)
        return picked === undefined ? [] : [`${name}/${picked}`]
      }),
    )

const storesOf = inStores(({ name }) => name)
const poolsOf = inStores(({ pool }) => pool)

/** The names in the help, and the nouns. */
const byKind: Readonly<Record<string, (fleet: Fleet) => string[]>> = {
  host: hostsOf,
  hosts: hostsOf,
  tier: ({ tiers }) => tiers.map(({ name }) => name),
  cluster: ({ clusters }) => clusters.map(({ name }) => name),
  store: storesOf,
  stores: storesOf,
  peer: storesOf,
  peers: storesOf,
  pool: poolsOf,
  pools: poolsOf,
  dataset: inStores(({ dataset }) => dataset),
  datasets: inStores(({ dataset }) => dataset),
}

const kinds = new Set([...Object.keys(byKind), 'mute', 'run', 'subject'])

const plain = (value: string): Candidate => ({ value, description: '' })

const unique = (values: readonly string[]): Candidate[] => [...new Set(values)].map(plain)
