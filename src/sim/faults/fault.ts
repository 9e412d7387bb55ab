import type { Duration } from '../../domain/units.ts'
import type { World } from '../world.ts'

/** Something that goes wrong in the default world (`createWorld()`), alone. */
export interface NewFault {
  /** `pool-degraded`: what people type. */
  name: string
  /** One line: what has happened, where. */
  title: string
  /** What health must find, no more and no less, once the fault has settled. */
  expects: readonly Expectation[]
  /** How long, in the world's time, until all of it shows; left out where it shows at once. */
  settlesAfter?: Duration
  apply(world: World): void
  /**
   * Only where putting back what `apply` has changed is not enough: what grows with time, and what others work on meanwhile.
   * The ports then say what they said before.
   */
  mend?(world: World): void
}

export type Fault = NewFault & Required<Pick<NewFault, 'settlesAfter'>>

export interface Expectation {
  code: string
  /**
   * Host `n1`, pool `n1/hot-tier`, disk `n1/hot-tier/sda`, store `n1/hot`, its Cluster peer `n1/hot/peer`, its Kubo
   * `n1/hot/kubo`.
   */
  subject: string
  /** Told as an info, which says that nothing is wrong. */
  isInfo?: true
}

/** Gives some fields of a part of the world other values. */
export function set<T extends object>(part: T, values: Partial<T>): void {
  Object.assign(part, values)
}
