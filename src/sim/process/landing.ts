import type { SimHostState, SimStore, World } from '../world.ts'
import type { Simulator } from './simulator.ts'

/** Where a request lands: one store of the world, as it is at that moment. */
export interface Landing {
  simulator: Simulator
  world: World
  host: SimHostState
  store: SimStore
  method: string
  path: string
  query: URLSearchParams
}
