import { diverged } from './diverged.ts'
import type { Proof } from './proof.ts'

/** Every proof, in the order in which CI runs its share of them. */
export const proofs: readonly Proof[] = [diverged]
