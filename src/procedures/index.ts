import type { Procedure } from '../engine/procedure.ts'
import { hold } from './hold/hold.ts'
import { practice } from './practice/practice.ts'
import { scrub } from './scrub/scrub.ts'
import { scrubPool } from './scrub/scrub-pool.ts'
import type { World } from './world.ts'

/** Every procedure: a new one is one entry here. */
export const procedures: readonly Procedure<World>[] = [practice, scrub, scrubPool, hold]
