import type { Health } from '../health/judge.ts'
import type { LookBook } from '../health/looks.ts'

/** Where the last looks at one fleet are remembered: findings only, within bounds. */
export interface Looks {
  read(): Promise<LookBook>
  /** Remembers one more look; gives what was remembered before it. */
  remember(health: Pick<Health, 'at' | 'findings'>): Promise<LookBook>
}
