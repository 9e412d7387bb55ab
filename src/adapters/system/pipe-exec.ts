import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { OpsError } from '../../domain/errors.ts'
import { hasPipes } from './exec.ts'
import { joinStreams } from './join-streams.ts'

/** A program that runs as long as it is needed, spoken to over its standard input and output. */
export interface Pipe {
  /**
   * What is written goes to its stdin; what is read comes from its stdout. Ends when the program ends; and when it is
   * destroyed, the program is ended.
   */
  stream: Duplex
  /** The last that it said on stderr, at most 4 KiB. */
  complaint(): string
  /** Resolves when it has ended: its exit code, or null when a signal ended it or it could not be started. */
  ended: Promise<number | null>
  close(): void
}

/** This process has no file descriptors left. */
export class TooManyOpen extends OpsError {
  readonly remedy = 'retry'
}

/** How long a program that has closed its stdout has for its last words and its end. */
const graceMs = 1000

/**
 * Starts a program for a conversation. The environment is the caller's choice: OpenSSH needs HOME and the agent's socket.
 * The stream has the methods of a socket that Node's HTTP client calls, without effect.
 */
export function openPipe(file: string, args: readonly string[], env: Record<string, string>): Pipe {
  const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      said ||= error.message
      resolve(null)
    })
    child.once('close', (code) => resolve(code))
  })
  if (!hasPipes(child)) throw new TooManyOpen(`${file} cannot be started: too many open files in this process`)
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4096)
  })
  const stream = Object.assign(joinStreams(child.stdout, child.stdin), socketManners)
  // A program that goes away shows as the end of the stream; a write that comes too late must not end this process.
  stream.on('error', () => undefined)
  child.stdin.on('error', () => undefined)
  const end = () => void child.kill('SIGTERM')
  // Nobody speaks to it any more: a caller that gave up would otherwise leave one program behind each time.
  stream.once('close', () => {
    if (child.stdout.readableEnded) setTimeout(end, graceMs).unref()
    else end()
  })
  return {
    stream,
    complaint: () => said.trim(),
    ended,
    close: () => {
      stream.destroy()
      end()
    },
  }
}

const nothing = function nothing<T>(this: T): T {
  return this
}
const socketManners = { setTimeout: nothing, setKeepAlive: nothing, setNoDelay: nothing, ref: nothing, unref: nothing }

/** Starts a program that outlives this process, with nothing of ours attached: no stream, no folder, no terminal. */
export function startDetached(file: string, args: readonly string[], env: Record<string, string>): void {
  const child = spawn(file, args, { env, cwd: '/', stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
