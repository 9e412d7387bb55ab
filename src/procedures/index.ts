import type { Procedure } from '../engine/procedure.ts'
import { practice } from './practice.ts'
import type { World } from './world.ts'

/** Every procedure: a new one is one entry here. */
export const procedures: readonly Procedure<World>[] = [practice]
