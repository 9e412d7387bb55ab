import { controllerBooksContract } from './controller-books.contract.ts'
import { runStoreContract } from './run-store.contract.ts'
import type { StoreBench } from './store-bench.ts'

/** All that a store of a controller must do. */
export function storeContract(name: string, open: () => Promise<StoreBench>): void {
  runStoreContract(name, open)
  controllerBooksContract(name, open)
}
