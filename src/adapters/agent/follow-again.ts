import { explain, Unreachable } from '../../domain/errors.ts'
import type { LogItem } from '../../domain/logs/log.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import type { Logs } from '../../domain/ports/logs.ts'
import { type Duration, milliseconds, seconds } from '../../domain/units.ts'
import { pause } from '../../observe/pause.ts'
import { Refused } from './ask.ts'

/**
 * The same logs, followed over lost connections and new starts of the host: after a while they are asked for again, from
 * where they broke off. What is not followed is asked for once.
 */
export function followAgain(logs: Logs, clock: Clock): Logs {
  return {
    async *read(query, signal) {
      let { cursor } = query
      let wait: Duration = seconds(1)
      for (;;) {
        try {
          const asked = cursor === undefined ? query : { ...query, cursor }
          for await (const item of logs.read(asked, signal)) {
            cursor = cursorOf(item) ?? cursor
            wait = seconds(1)
            yield item
          }
          return
        } catch (error) {
          if (!query.follow || signal.aborted || !mayComeBack(error)) throw error
          const text = `${explain(error)}; asked again in ${wait / 1000} s, from where it broke off`
          if (wait < longestWait) yield { kind: 'trouble', text }
        }
        await pause(clock, wait, signal)
        signal.throwIfAborted()
        wait = milliseconds(Math.min(longestWait, wait * 2))
      }
    },
  }
}

const longestWait = seconds(30)

const mayComeBack = (error: unknown): boolean =>
  error instanceof Unreachable ||
  (error instanceof Refused && ['agent-not-running', 'ssh-failed', 'busy'].includes(error.code))

const cursorOf = (item: LogItem): string | undefined =>
  item.kind === 'trouble' || item.cursor === null ? undefined : item.cursor
