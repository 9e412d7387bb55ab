import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import { clusterPinning } from '../adapters/cluster/cluster-pinning.ts'
import type { AgentConfig } from '../domain/agent-config.ts'
import type { Boot } from '../domain/machine.ts'
import { explain, NotPermitted, OpsError } from '../domain/errors.ts'
import { localPinIndex } from '../pinindex/local-pin-index.ts'
import { noteStart } from '../pinindex/unclean-stop.ts'
import type { ServedPinIndex } from './pin-routes.ts'
import { refusePlace } from './place-of-index.ts'
import {
  type PackedError,
  type PinNews,
  type PinOrder,
  type PinWorkerData,
  unpackError,
} from './pin-worker-messages.ts'

/** The pin indexes of this host: made by a thread of their own, read by this one. */
export interface PinIndexes {
  of(store: string): ServedPinIndex | undefined
  /** To be called once nobody else can be keeping them: when the agent has its socket. */
  start(boot: Boot): void
  /** Lets the thread end. */
  end(): Promise<void>
}

/** The thread that makes the indexes has died. */
class PinWorkerDied extends OpsError {
  readonly remedy = 'ask'
}

/**
 * It holds a partition of each list, and what is on its way between peer and disk: 32 MB are enough for any number of pins
 * (src/pinindex/memory.test.ts). V8 collects what it may keep only when it comes near its limit, so a high one is used up.
 * The young part is less where bin/tiercel starts the agent: a flag of Node counts more than this.
 */
const mostMemory = { maxOldGenerationSizeMb: 40, maxYoungGenerationSizeMb: 24 }
const restartAfterMs = 60_000
const endWithinMs = 3000

/** State of one store as the thread last told. */
interface Known {
  isRunning: boolean
  /** Somebody has asked for a reading that has not ended. */
  isAsked: boolean
  failure: Error | undefined
  /** Who wait for the reading that was asked for. */
  waiting: ((failure: Error | undefined) => void)[]
}

export function createPinIndexes(config: AgentConfig, log: Logger): PinIndexes {
  const { folder, share, walkEvery } = config.pinIndex
  const stores = config.stores.filter(({ clusterApi }) => clusterApi !== undefined)
  const known = new Map<string, Known>(
    stores.map(({ name }) => [name, { isRunning: false, isAsked: false, failure: undefined, waiting: [] }]),
  )
  let worker: Worker | undefined
  let isEnding = false
  /** What stands in the way of all indexes. */
  let obstacle: Error | undefined

  const hear = ({ store, isRunning, isHurried, failure }: PinNews) => {
    const about = known.get(store)
    if (about === undefined) return
    about.isRunning = isRunning
    if (isRunning) return
    about.failure = failure === null ? undefined : unpackError(failure)
    if (failure !== null) log.warn({ store, error: told(failure) }, 'the lists of pins could not be read to their end')
    if (!isHurried) return
    about.isAsked = false
    for (const done of about.waiting.splice(0)) done(about.failure)
  }
  const start = () => {
    const data: PinWorkerData = { folder, stores, share, walkEvery }
    const thread = new Worker(new URL('./pin-worker.ts', import.meta.url), {
      workerData: data,
      resourceLimits: mostMemory,
    })
    worker = thread
    let reason = 'it ended'
    thread.on('message', hear)
    thread.on('error', (error) => {
      reason = explain(error)
    })
    thread.once('exit', () => {
      if (isEnding) return
      log.error({ error: reason }, 'the thread that makes the pin indexes has died')
      const failure = new PinWorkerDied(`the thread that makes the pin indexes has died: ${reason}`)
      for (const about of known.values()) {
        Object.assign(about, { isRunning: false, isAsked: false, failure })
        for (const done of about.waiting.splice(0)) done(failure)
      }
      setTimeout(() => isEnding || start(), restartAfterMs).unref()
    })
  }

  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  const begin = (store: string) => worker?.postMessage({ order: 'refresh', store } satisfies PinOrder)
  const refusing = () => {
    if (obstacle !== undefined) throw obstacle
  }
  const indexes = new Map(
    stores.flatMap(({ name, clusterApi }) => {
      const about = known.get(name)
      if (clusterApi === undefined || about === undefined) return []
      const pinning = clusterPinning(clusterApi)
      const refresher = {
        async refresh() {
          refusing()
          const failure = await new Promise<Error | undefined>((resolve) => {
            about.waiting.push(resolve)
            begin(name)
          })
          if (failure !== undefined) throw failure
        },
        throwIfFailed() {
          refusing()
          if (about.failure !== undefined) throw about.failure
        },
      }
      const index: ServedPinIndex = {
        ...localPinIndex({ folder: join(folder, name), pinning, refresher }),
        begin() {
          refusing()
          about.isAsked = true
          begin(name)
        },
        progress: () => {
          const failure = obstacle ?? about.failure
          return {
            isRunning: about.isRunning || about.isAsked,
            failure: failure === undefined ? null : explain(failure),
          }
        },
      }
      return [[name, { index, pinning }] as const]
    }),
  )

  return {
    start(boot) {
      if (stores.length === 0) return
      try {
        refusePlace(folder, stores)
        const { isInDoubt } = noteStart(folder, boot)
        if (isInDoubt)
          log.warn('this host was not stopped in order: its copies count as allocated until they are listed')
        start()
      } catch (error) {
        const why = `the pin index cannot be kept in ${folder}`
        obstacle = error instanceof OpsError ? error : new NotPermitted(why, hintFor(folder), { cause: error })
        log.error({ error: explain(obstacle) }, 'there will be no pin index')
      }
    },
    of: (store) => indexes.get(store)?.index,
    async end() {
      isEnding = true
      if (worker !== undefined) {
        const ended = new Promise((resolve) => worker?.once('exit', resolve))
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
        worker.postMessage({ order: 'end' } satisfies PinOrder)
        await Promise.race([ended, sleep(endWithinMs)])
        await worker.terminate()
      }
      for (const { pinning } of indexes.values()) await pinning.close()
    },
  }
}

const told = ({ kind, message }: PackedError): string => `${kind}: ${message}`

const hintFor = (folder: string): string =>
  `make it a folder of the user that runs the agent: sudo install -d -o tiercel -g tiercel -m 0700 ${folder}; or name another one in /etc/tiercel/agent.yaml, under pinIndex.folder`
