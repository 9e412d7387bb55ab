import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { clusterPinning } from '../adapters/cluster/cluster-pinning.ts'
import { kuboContent } from '../adapters/kubo/kubo-content.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { hours } from '../domain/units.ts'
import { buildIndex } from '../pinindex/build-index.ts'
import { gently, unhurriedly } from '../pinindex/pace.ts'
import { createSchedule } from '../pinindex/schedule.ts'
import { walkForEver } from '../pinindex/walker.ts'
import { packError, type PinNews, PinOrder, PinWorkerData } from './pin-worker-messages.ts'

// The thread that makes the pin indexes of a host: reading a million pins takes most of a processor for half a minute, and the
// agent answers within milliseconds all the while.

const { folder, stores, share, walkEvery } = PinWorkerData.parse(workerData)
const stopping = new AbortController()

const schedules = new Map(
  stores.flatMap((store) => {
    const { name, clusterApi, kuboApi } = store
    if (clusterApi === undefined) return []
    const pinning = clusterPinning(clusterApi)
    const content = kuboApi === undefined ? undefined : kuboContent(kuboApi)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    const tell = (news: Omit<PinNews, 'store'>) => parentPort?.postMessage({ store: name, ...news } satisfies PinNews)
    const schedule = createSchedule({
      async make({ isHurried, signal: superseded }) {
        const signal = AbortSignal.any([stopping.signal, superseded])
        tell({ isRunning: true, isHurried, failure: null })
        try {
          const summary = await buildIndex({
            folder: join(folder, name),
            pinning,
            content,
            clock: systemClock,
            pace: isHurried ? unhurriedly : gently({ signal }),
            signal,
          })
          tell({ isRunning: false, isHurried, failure: null })
          return summary
        } catch (error) {
          // Given up for another one, which tells of itself at once.
          if (!superseded.aborted) tell({ isRunning: false, isHurried, failure: packError(error, systemClock.now()) })
          throw error
        }
      },
      share,
      clock: systemClock,
    })
    if (kuboApi !== undefined && walkEvery > 0) {
      // Of a large pin, Kubo reads for hours: as long as it takes, it is one at a time.
      const walked = kuboContent(kuboApi, { valueWithin: hours(12) })
      void walkForEver({
        folder: join(folder, name),
        content: walked,
        clock: systemClock,
        every: walkEvery,
        signal: stopping.signal,
      })
    }
    return [[name, { schedule, stop: schedule.start() }] as const]
  }),
)

parentPort?.on('message', (order: unknown) => {
  const message = PinOrder.parse(order)
  if (message.order === 'refresh') {
    void schedules
      .get(message.store)
      ?.schedule.refresh()
      .catch(() => undefined)
    return
  }
  for (const { stop } of schedules.values()) stop()
  stopping.abort(new Error('the agent ends'))
  parentPort?.close()
})
