import type { Duration } from '../../domain/units.ts'
import type { World } from '../world.ts'

/** Something that goes wrong in the default world (`createWorld()`), alone. */
export interface Fault {
  /** `pool-degraded`: what people type. */
  name: string
  /** One line: what has happened, where. */
  title: string
  /** What health must find, no more and no less, once the fault has settled. */
  expects: readonly Expectation[]
  /** How long, in the world's time, until all of it shows. */
  settlesAfter: Duration
  apply(world: World): void
  /** Puts back what `apply` changed; the ports then say what they said before. */
  mend(world: World): void
}

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
