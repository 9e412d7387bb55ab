import type { Finding, Severity } from './finding.ts'
import { tally } from './judge.ts'
import { type Report, retold } from './report.ts'
import type { FleetView } from './view.ts'

/** What is asked for; an empty list asks for everything. */
export interface Narrow {
  hosts: readonly string[]
  tiers: readonly string[]
  codes: readonly string[]
  severities: readonly Severity[]
}

/** Which tiers a host, or one store of it, belongs to: by the fleet file, and by what the host itself says. */
export type TiersOf = ReadonlyMap<string, ReadonlySet<string>>

/** By `n1/hot` (a store) and by `n1` (all stores of a host). A host of which no store is known is missing. */
export function tiersOf(view: FleetView): TiersOf {
  const tiers = new Map<string, Set<string>>()
  for (const { declaration, contact } of view.hosts) {
    const told = contact.state === 'answered' ? contact.observation.stores : []
    for (const { name, tier } of [...declaration.stores, ...told]) {
      for (const key of [declaration.name, `${declaration.name}/${name}`]) {
        tiers.set(key, (tiers.get(key) ?? new Set()).add(tier))
      }
    }
  }
  return tiers
}

/** Only what was asked for; the status is that of what is left, and the report says what it leaves out. */
export function narrowed(report: Report, narrow: Narrow, tiers: TiersOf): Report {
  const asked = askedText(narrow)
  if (asked === '') return report
  const passes = (finding: Finding): boolean => matches(finding, narrow, tiers)
  const left = report.findings.filter((finding) => !passes(finding))
  return {
    ...retold(report, report.findings.filter(passes)),
    hosts: narrow.hosts.length === 0 ? report.hosts : report.hosts.filter((host) => narrow.hosts.includes(host)),
    ...(report.muted === undefined ? {} : { muted: report.muted.filter(({ finding }) => passes(finding)) }),
    narrowing: { asked, left: tally(left) },
  }
}

/** Whether a finding, or what is remembered of one, is among what was asked for. */
export function matches(
  { code, severity, place }: Pick<Finding, 'code' | 'severity' | 'place'>,
  narrow: Narrow,
  tiers: TiersOf,
): boolean {
  return (
    allows(narrow.hosts, place.host) &&
    allows(narrow.codes, code) &&
    allows(narrow.severities, severity) &&
    (narrow.tiers.length === 0 || narrow.tiers.some((tier) => isInTier(tier, place, tiers)))
  )
}

const allows = (asked: readonly string[], is: string | undefined): boolean =>
  asked.length === 0 || (is !== undefined && asked.includes(is))

/**
 * What concerns a host as a whole concerns every tier on it: with its agent silent, nothing is known of the tier there.
 * A host of which no store is known may have any tier.
 */
function isInTier(tier: string, { kind, host, store }: Finding['place'], tiers: TiersOf): boolean {
  if (host === undefined) return false
  if (store !== undefined) return tiers.get(`${host}/${store}`)?.has(tier) === true
  return kind === 'host' && tiers.get(host)?.has(tier) !== false
}

function askedText({ hosts, tiers, codes, severities }: Narrow): string {
  const options = { host: hosts, tier: tiers, code: codes, severity: severities }
  return Object.entries(options)
    .flatMap(([name, values]) => values.map((value) => `--${name} ${value}`))
    .join(' ')
}
