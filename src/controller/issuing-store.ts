import { z } from 'zod'
import { OperationId } from '../domain/operation.ts'
import type { ControllerStore, ControllerTransaction } from '../domain/ports/controller-store.ts'
import type { RunStore } from '../domain/ports/run-store.ts'

/** The events by which an operation is begun: its id is in the journal before any host is asked. */
const Begun = z.object({ kind: z.string().endsWith('-begun'), operation: OperationId })

/**
 * The runs of a store, with every operation that a journal begins noted as issued in the very same transaction: no further
 * write to the disk, and no host can know an operation of ours that the store does not.
 */
export function issuingStore(store: ControllerStore): RunStore {
  return {
    transaction: async (work) =>
      store.transaction(async (transaction) => {
        const noting: ControllerTransaction = {
          ...transaction,
          async append(run, events) {
            await transaction.append(run, events)
            for (const { at, body } of events) {
              const begun = Begun.safeParse(body)
              // Which host it is for, its step alone knows.
              if (begun.success) {
                await transaction.operations.add({ id: begun.data.operation, host: '', run: run.id, at })
              }
            }
          },
        }
        return work(noting)
      }),
  }
}
