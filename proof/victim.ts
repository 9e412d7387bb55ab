import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'

/** A process of which nobody else would say that it ends by itself. */
export interface Victim {
  readonly kind: 'controller' | 'agent' | 'executor'
  readonly name: string
  /** `down`: killed and not started again. */
  readonly state: 'down' | 'starting' | 'up'
  /** Resolves with how long it took to answer; undefined where it was gone before that. */
  start(): Promise<number | undefined>
  /** With SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Asks it to end, and waits. */
  end(): Promise<void>
}

/** How a victim is made. */
export interface VictimOptions {
  kind: Victim['kind']
  name: string
  command: readonly [string, ...string[]]
  env: NodeJS.ProcessEnv
  /** Where its standard error goes. */
  log: string
  /** Resolves when it answers, or when the signal is aborted. */
  answers: (child: ChildProcess, signal: AbortSignal) => Promise<void>
  endBy: 'SIGTERM' | 'closed input'
  /** It has just written something to its log. */
  onLine: () => void
  /** It has ended, and nobody has killed it. */
  onCrash: (how: string) => void
}

export function createVictim({
  kind,
  name,
  command,
  env,
  log,
  answers,
  endBy,
  onLine,
  onCrash,
}: VictimOptions): Victim {
  let child: ChildProcess | undefined
  let gone: Promise<unknown> = Promise.resolve()
  let state: Victim['state'] = 'down'
  let isMeant = false

  return {
    kind,
    name,
    get state() {
      return state
    },
    async start() {
      const began = performance.now()
      const [file, ...args] = command
      const mine = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env })
      child = mine
      state = 'starting'
      isMeant = false
      // What goes away in the middle of a sentence breaks its pipes.
      for (const stream of mine.stdio) stream?.on('error', () => undefined)
      mine.stderr.on('data', (chunk: Buffer) => {
        onLine()
        appendFileSync(log, chunk)
      })
      const over = new AbortController()
      gone = new Promise((resolve) => {
        mine.once('exit', (code, signal) => {
          state = 'down'
          if (!isMeant) onCrash(`${name} has ended by itself (${signal ?? code})`)
          over.abort()
          resolve(undefined)
        })
      })
      await answers(mine, over.signal)
      if (over.signal.aborted) return undefined
      state = 'up'
      return performance.now() - began
    },
    async kill() {
      isMeant = true
      child?.kill('SIGKILL')
      await gone
    },
    async end() {
      isMeant = true
      if (endBy === 'SIGTERM') child?.kill('SIGTERM')
      else child?.stdin?.end()
      await gone
    },
  }
}
