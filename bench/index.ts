import type { Benchmark } from './benchmark.ts'
import { health } from './health.ts'
import { inventory } from './inventory.ts'
import { observe } from './observe.ts'
import { okToStop } from './ok-to-stop.ts'
import { plansInMemory } from './plans.ts'
import { store } from './store.ts'
import { waiting } from './waiting.ts'

/** Every benchmark. */
export const benchmarks: readonly Benchmark[] = [health, inventory, observe, okToStop, plansInMemory, store, waiting]
