import type { Benchmark } from './benchmark.ts'
import { inventory } from './inventory.ts'

/** Every benchmark. */
export const benchmarks: readonly Benchmark[] = [inventory]
