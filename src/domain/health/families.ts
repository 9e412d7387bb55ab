import { type Finding, keyOf, type Severity, worst } from './finding.ts'
import { worstFirst } from './judge.ts'

/** A finding that stands by itself, with all that is only a consequence of it. */
export interface Family {
  root: Finding
  /** Its consequences, and theirs; worst first. */
  follow: readonly Finding[]
  /** The worst of them all: a small cause can have a bad end. */
  severity: Severity
}

/** Findings by what causes them, the worst family first. What is explained by a finding that is not among them stands by itself. */
export function familiesOf(findings: readonly Finding[]): Family[] {
  const byKey = new Map(findings.map((finding) => [keyOf(finding), finding]))
  const rootOf = (finding: Finding): Finding => {
    const cause = finding.explainedBy === undefined ? undefined : byKey.get(keyOf(finding.explainedBy))
    return cause === undefined ? finding : rootOf(cause)
  }
  return [...Map.groupBy(findings, rootOf)]
    .map(([root, members]) => ({
      root,
      follow: members.filter((member) => member !== root),
      severity: worst(members.map(({ severity }) => severity)),
    }))
    .toSorted((a, b) => worstFirst({ ...a.root, severity: a.severity }, { ...b.root, severity: b.severity }))
}
