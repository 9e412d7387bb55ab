import type { OwnMetrics } from '../domain/daemons.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Pinning } from '../domain/ports/pinning.ts'

/** More names than any configuration has; what an observation carries stays bounded. */
const maxNames = 30

/**
 * Looks at what a peer hears of itself. Between two announcements a metric can lapse for a moment, so the last time that
 * each was heard is remembered.
 */
export function lookAtMetrics(pinning: Pinning, clock: Clock): (signal: AbortSignal) => Promise<OwnMetrics> {
  let known: OwnMetrics['own'] = []
  return async (signal) => {
    const { id } = await pinning.self(signal)
    const names = (await pinning.metricNames(signal)).toSorted().slice(0, maxNames)
    const now = clock.now()
    const heard: OwnMetrics['own'] = []
    for (const name of names) {
      const own = (await pinning.metrics(name, signal)).find(({ peer, valid }) => peer === id && valid)
      if (own !== undefined) heard.push({ name, value: own.value.slice(0, 200), seenAt: now })
    }
    known = [...known.filter(({ name }) => !heard.some((one) => one.name === name)), ...heard].slice(-maxNames)
    return { names, own: known }
  }
}
