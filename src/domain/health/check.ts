import type { Finding, Severity } from './finding.ts'
import type { FleetView } from './view.ts'

/**
 * One check: pure, observations in, findings out. A check that could not look says nothing by itself about what it would
 * have seen: the checks about looking (AGENT_UNREACHABLE, PROBE_FAILED, …) say `unknown` for it.
 */
export interface Check {
  /** Stable word; the file is named after it. */
  code: string
  title: string
  /** The severities it can give. */
  severities: readonly Severity[]
  /** For docs/reference/health.md and `tiercel health explain`. */
  explanation: {
    /** What is looked at, and when it is found. */
    meaning: string
    endangers: string
    remedy: string
    /** Settings in the fleet file that change it, as paths: `tiers[].poolFill`. */
    settings?: readonly string[]
    /** Where the facts are from: man page, measured on version X. */
    sources: readonly string[]
  }
  find(view: FleetView): Finding[]
}
