import { setTimeout as sleep } from 'node:timers/promises'
import type { ControllerClient } from '../adapters/controller/client.ts'
import type { FeedMessage, RunDetail } from '../api/operator-nouns.ts'
import { explain, Unreachable } from '../domain/errors.ts'
import { isOver, type RunState } from '../domain/run.ts'
import { durationText } from '../domain/text-units.ts'
import { age, Instant } from '../domain/units.ts'
import { howText, isSaidByStep, progressText } from './render-run.ts'
import { printable, type Terminal } from './terminal.ts'

/** How following ended. `detached`: whoever followed has gone, and the run goes on. */
export type Followed = { kind: 'rests'; detail: RunDetail } | { kind: 'detached' }

/** A controller that is started anew is back in this time, mostly. */
const againAfterMs = 1000

/** Progress that comes faster than this is not told line by line. */
const tellEveryMs = 2000

/** True where nothing more happens without a person. */
const rests = (state: RunState): boolean =>
  isOver(state) || state === 'planned' || state === 'asking' || state === 'stopped' || state === 'failed'

/**
 * Tells what a run does until it rests, or until `signal`. The stream of events says when to look; what is told is the run
 * as it stands, so that nothing depends on having heard every event. A controller that goes away is waited for.
 */
export async function followRun(
  client: ControllerClient,
  run: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Followed> {
  const tell = teller(terminal)
  let lastId: string | undefined
  let isAway = false
  while (!signal.aborted) {
    try {
      const first = await client.ask('run', { params: { run } }, signal)
      if (isAway) terminal.error('tiercel: the controller is back')
      isAway = false
      tell.detail(first)
      if (rests(first.run.state)) return { kind: 'rests', detail: first }
      for await (const { id, message } of client.events(lastId, signal)) {
        lastId = id ?? lastId
        tell.message(run, message)
        if (!concerns(run, message)) continue
        const detail = await client.ask('run', { params: { run } }, signal)
        tell.detail(detail)
        if (rests(detail.run.state)) return { kind: 'rests', detail }
      }
    } catch (error) {
      if (signal.aborted) break
      if (!(error instanceof Unreachable)) throw error
      if (!isAway) {
        terminal.error(
          `tiercel: the controller does not answer; it is asked again until Ctrl-C. ${printable(explain(error))}`,
        )
      }
      isAway = true
      await sleep(againAfterMs, undefined, { signal }).catch(() => undefined)
    }
  }
  tell.end()
  return { kind: 'detached' }
}

/** `lost` concerns everybody: what was lost may have been ours. */
const concerns = (run: string, message: FeedMessage): boolean =>
  message.kind === 'lost' || (message.kind === 'run' && (message.run === run || message.parent === run))

/** On a terminal, progress is one line that changes; elsewhere a line now and then. */
function teller(terminal: Terminal): {
  detail(detail: RunDetail): void
  message(run: string, message: FeedMessage): void
  end(): void
} {
  const told = new Map<string, string>()
  const titles = new Map<string, string>()
  let live = ''
  let toldAt = 0
  const clear = (): void => {
    if (live !== '') terminal.overwrite?.('')
    live = ''
  }
  const line = (key: string, text: string): void => {
    if (told.get(key) === text) return
    told.set(key, text)
    clear()
    terminal.write(text)
  }
  const showLive = (text: string): void => {
    if (text === live) return
    live = text
    if (terminal.overwrite !== undefined) {
      terminal.overwrite(`  ${text}`)
    } else if (Date.now() - toldAt >= tellEveryMs) {
      toldAt = Date.now()
      terminal.write(`    ${text}`)
    }
  }
  return {
    detail(detail) {
      const { run, steps, children } = detail
      titles.set(run.id, '')
      for (const step of steps) {
        const { id, title, state, begunAt, finishedAt, error } = step
        if (state === 'to do') continue
        const took =
          begunAt === undefined || finishedAt === undefined ? '' : `  ${durationText(age(begunAt, finishedAt))}`
        const how = state === 'done' ? howText(step) : ''
        const note = how === '' ? '' : ` (${how})`
        const why = error === undefined || state === 'done' || state === 'undone' ? '' : `: ${error}`
        line(`step ${id}`, `  ${state.padEnd(8)} ${printable(title)}${note}${took}${printable(why)}`)
      }
      for (const { id, title, state, reason } of children) {
        titles.set(id, `${title}: `)
        line(`child ${id}`, `  ${state.padEnd(9)} ${printable(title)}${reason === '' ? '' : `: ${printable(reason)}`}`)
      }
      const reason = isSaidByStep(detail) ? '' : printable(run.reason)
      if (run.state !== 'running') line('run', `  ${run.state}${reason === '' ? '' : `: ${reason}`}`)
      else told.delete('run')
      if (rests(run.state)) clear()
    },
    message(_run, message) {
      if (message.kind !== 'progress') return
      const title = titles.get(message.run)
      if (title !== undefined) showLive(`${printable(title)}${progressText(message)}`)
    },
    end: clear,
  }
}

export const nowOfMachine = (): Instant => Instant.parse(Date.now())
