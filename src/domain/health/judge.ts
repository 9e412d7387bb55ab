import { z } from 'zod'
import { Instant } from '../units.ts'
import { explainCauses } from './causes.ts'
import type { Check } from './check.ts'
import { Finding, severities, Severity, worst } from './finding.ts'
import { checks } from './checks/index.ts'
import { poolsIn } from './pools-of-host.ts'
import { disksIn } from './disks-of-pool.ts'
import { answered, type FleetView } from './view.ts'
import { whileJudging } from './while-judging.ts'

const count = z.int().nonnegative()

/** How much was judged. */
export const Totals = z.object({
  /** Findings by severity. */
  findings: z.record(Severity, count),
  /** By the fleet file and by the hosts' own agent.yaml. A store counts for one peer; disks are not declared. */
  declared: z.object({ hosts: count, stores: count, pools: count, peers: count }),
  /** By agents that have answered. Peers: all that answer, or are seen by one that does. */
  observed: z.object({ hosts: count, stores: count, pools: count, disks: count, peers: count }),
})
export type Totals = z.infer<typeof Totals>

/** What is wrong with a fleet at one moment. */
export const Health = z.object({
  at: Instant,
  /** The worst of all findings; an info counts as ok. */
  status: Severity,
  /** The declared hosts, in the order of the fleet file. */
  hosts: z.array(z.string()),
  /** Worst first, then by host, store and subject. */
  findings: z.array(Finding),
  totals: Totals,
})
export type Health = z.infer<typeof Health>

/** Runs the checks over what is known. */
export function judge(view: FleetView, using: readonly Check[] = checks): Health {
  return whileJudging(() => {
    const findings = explainCauses(using.flatMap((check) => check.find(view)).toSorted(worstFirst))
    return {
      at: view.at,
      status: statusOf(findings),
      hosts: view.hosts.map(({ declaration }) => declaration.name),
      findings,
      totals: totalsOf(view, findings),
    }
  })
}

/** The worst of some findings; an info counts as ok. */
export function statusOf(findings: readonly Pick<Finding, 'severity'>[]): Severity {
  const status = worst(findings.map(({ severity }) => severity))
  return status === 'info' ? 'ok' : status
}

/** The order of findings on every screen. */
export function worstFirst(a: Finding, b: Finding): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    byName(a.place.host, b.place.host) ||
    byName(a.place.store, b.place.store) ||
    byName(a.subject, b.subject) ||
    byName(a.code, b.code)
  )
}

const collator = new Intl.Collator('en', { numeric: true })

/** `n2` before `n10`; what has no host or store comes first. */
const byName = (a = '', b = ''): number => collator.compare(a, b)

function totalsOf(view: FleetView, findings: readonly Finding[]): Totals {
  const hosts = answered(view)
  const pools = poolsIn(view)
  const observedStores = hosts.flatMap(({ observation }) => observation.storeObservations)
  const declarations = view.hosts.map(({ declaration }) => declaration)
  const declared = {
    stores: new Set([
      ...declarations.flatMap(({ name, stores }) => stores.map((store) => `${name}/${store.name}`)),
      ...hosts.flatMap(({ name, observation }) => observation.stores.map((store) => `${name}/${store.name}`)),
    ]),
    pools: new Set([
      ...declarations.flatMap(({ name, stores }) =>
        stores.flatMap(({ pool }) => (pool === undefined ? [] : [`${name}/${pool}`])),
      ),
      ...pools.filter(({ stores }) => stores.length > 0).map(({ subject }) => subject),
    ]),
  }
  const peers = observedStores.flatMap(({ peer }) => (peer?.last ? [peer.last.value.id, ...peer.last.value.sees] : []))
  return {
    findings: tally(findings),
    declared: {
      hosts: view.hosts.length,
      stores: declared.stores.size,
      pools: declared.pools.size,
      peers: declared.stores.size + view.fleet.clusters.flatMap((cluster) => cluster.peers).length,
    },
    observed: {
      hosts: hosts.length,
      stores: observedStores.length,
      pools: pools.filter(({ states }) => states.length > 0).length,
      disks: disksIn(view).length,
      peers: new Set(peers).size,
    },
  }
}

export function tally(findings: readonly Pick<Finding, 'severity'>[]): Totals['findings'] {
  const result: Totals['findings'] = { critical: 0, unknown: 0, warning: 0, info: 0, ok: 0 }
  for (const { severity } of findings) result[severity] += 1
  return result
}
