import type { RunRecord } from '../domain/run.ts'
import type { Duration, Share } from '../domain/units.ts'

/** How far the present step is: not journalled, for whoever follows. */
export interface LiveProgress {
  step: string
  share?: Share | undefined
  text?: string | undefined
  timeLeft?: Duration | undefined
}

/** What those who follow are told as it happens. */
export type EngineNotice = { kind: 'run'; run: RunRecord } | { kind: 'progress'; run: string; progress: LiveProgress }
