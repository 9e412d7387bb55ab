import { controllerBooksContract } from './controller-books.contract.ts'
import { locksContract } from './locks.contract.ts'
import { retentionContract } from './retention.contract.ts'
import { runStoreContract } from './run-store.contract.ts'
import type { StoreBench } from './store-bench.ts'
import { transcriptContract } from './transcript.contract.ts'

/** All that a store of a controller must do. */
export function storeContract(name: string, open: () => Promise<StoreBench>): void {
  runStoreContract(name, open)
  locksContract(name, open, 100)
  transcriptContract(name, open)
  controllerBooksContract(name, open)
  retentionContract(name, open)
}
