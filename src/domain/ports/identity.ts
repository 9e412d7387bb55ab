import type { Authority } from '../operation.ts'
import type { Instant } from '../units.ts'

/** Whose store this is. */
export interface Identity {
  /** Undefined until it is claimed for the first time. */
  read(): Promise<Authority | undefined>
  /**
   * Makes this store that of a controller, at this place: at the first start, and when one takes over by name. From then on
   * it is no copy. Rejects with a lower epoch than the stored one.
   */
  claim(authority: Authority, at: Instant): Promise<void>
}
