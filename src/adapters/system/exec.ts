import { spawn, type ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import { commandText } from '../../domain/command-text.ts'
import { OpsError, ProgramMissing, Stuck } from '../../domain/errors.ts'
import { type Duration, milliseconds, seconds } from '../../domain/units.ts'
import { systemClock } from './clock.ts'

/** Runs one program without a shell and gives its stdout. Rejects with {@link CommandFailed} unless it exits 0. */
export type Exec = (file: string, args: readonly string[], options?: ExecOptions) => Promise<string>

export interface ExecOptions {
  /** Ends the program: first SIGTERM, then SIGKILL. */
  signal?: AbortSignal | undefined
  /** The same, by time. Default 30 s: nothing runs without a deadline. */
  deadline?: Duration
  /** The most that is kept of each of stdout and stderr; a program that prints more is ended. Default 64 MiB. */
  maxBytes?: number
  /** Gets stdout as it comes; then none of it is kept, and none comes back. An error thrown ends the program. */
  onStdout?: ((chunk: Buffer) => void) | undefined
  /** Told how the program ended, whatever becomes of it: for the record of what was run. */
  onEnd?: ((end: { exitCode: number | null; stdout: string; stderr: string }) => void) | undefined
  /** Added to the small, fixed environment; a program inherits nothing else. */
  env?: Record<string, string>
  /** A program that becomes the one that is asked for, with its first arguments: `nsenter --mount=… --`. */
  through?: readonly string[]
}

/** A child that outlived SIGKILL, still accounted for. */
export interface StuckChild {
  pid: number
  command: string
  /** Milliseconds on the monotonic clock since it was started. */
  ranFor: Duration
}

export interface Programs {
  exec: Exec
  /** The children that no signal could end. None of the same program is started beside one. */
  stuck(): StuckChild[]
}

/** A program ended badly. The whole outcome is kept; nobody reads the message to decide. */
export class CommandFailed extends OpsError {
  readonly remedy = 'ask'
  readonly file: string
  readonly args: readonly string[]
  /** null when a signal ended it. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string

  constructor(
    outcome: { file: string; args: readonly string[]; exitCode: number | null; stdout: string; stderr: string },
    why: string,
  ) {
    const firstLine = outcome.stderr.trim().split('\n', 1)[0] ?? ''
    super(`${commandText(outcome.file, outcome.args)} ${why}${firstLine === '' ? '' : `: ${firstLine}`}`)
    this.file = outcome.file
    this.args = outcome.args
    this.exitCode = outcome.exitCode
    this.stdout = outcome.stdout
    this.stderr = outcome.stderr
  }
}

/** A program printed more than we are ready to hold. */
export class OutputTooLong extends OpsError {
  readonly remedy = 'stop'
}

/**
 * The fixed environment: sbin on the path (a user's has none, and `zpool` lives there), no language (messages and decimal
 * points change with it) but every character (in `C`, the JSON of ZFS ends at the first name outside of ASCII; where there
 * is no `C.UTF-8`, programs fall back to `C`), UTC (dates without a zone). ZFS_COLOR and its like are absent because nothing is inherited.
 */
export const programEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
}

/** How long a child has to obey each signal before the next step. */
const grace = seconds(1)

/**
 * The one place that starts programs which end by themselves. A program that hangs in the kernel cannot be killed
 * (`zpool` on a suspended pool: facts/openzfs 4.5): its promise is rejected with {@link Stuck}, it stays accounted for,
 * no second one of the same program is started until it ends, and it does not keep this process from exiting.
 *
 * `kill` is a parameter so that a test can make a child unkillable without a broken kernel.
 */
export function createPrograms({
  kill = (child: ChildProcess, signal: NodeJS.Signals) => child.kill(signal),
} = {}): Programs {
  const stuck = new Map<number, { kind: string; command: string; startedAt: number }>()

  const exec: Exec = (file, args, options = {}) => {
    const kind = file.slice(file.lastIndexOf('/') + 1)
    const blocking = [...stuck].find(([, child]) => child.kind === kind)
    if (blocking !== undefined) {
      const [pid, blocked] = blocking
      return Promise.reject(
        new Stuck(
          `${commandText(file, args)} was not started: ${blocked.command} (pid ${pid}) has been hanging for ${elapsed(blocked.startedAt)} s and cannot be killed`,
        ),
      )
    }
    return new Promise((resolve, reject) => {
      const {
        signal,
        deadline = seconds(30),
        maxBytes = 64 * 1024 * 1024,
        onStdout,
        onEnd,
        env = {},
        through = [],
      } = options
      if (signal?.aborted === true) {
        reject(new Stuck(`${commandText(file, args)} was called off before it started`))
        return
      }
      const startedAt = performance.now()
      const [first = file, ...others] = [...through, file, ...args]
      const child = spawn(first, others, { env: { ...programEnvironment, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(startFailure(error, { kind: through.length > 0 ? first : kind, file: first, args: others })),
      )
      if (!hasPipes(child)) return
      const output = { stdout: new Kept(maxBytes), stderr: new Kept(maxBytes) }
      let ending: Error | undefined
      let settled = false
      const timers = new Set<() => void>()
      const later = (delay: Duration, run: () => void) => timers.add(systemClock.after(delay, run))

      const settle = (conclude: () => void) => {
        if (settled) return
        settled = true
        for (const callOff of timers) callOff()
        signal?.removeEventListener('abort', onAbort)
        conclude()
      }
      const end = (why: Error) => {
        if (ending !== undefined || settled) return
        ending = why
        kill(child, 'SIGTERM')
        later(grace, () => {
          kill(child, 'SIGKILL')
          later(grace, () => settle(() => giveUp()))
        })
      }
      const giveUp = () => {
        // Neither the child nor its pipes may keep this process alive; when it ends after all, its kind is free again.
        const pid = child.pid ?? 0
        onEnd?.({ exitCode: null, stdout: output.stdout.text(), stderr: output.stderr.text() })
        stuck.set(pid, { kind, command: commandText(file, args), startedAt })
        child.once('exit', () => stuck.delete(pid))
        child.unref()
        child.stdout.destroy()
        child.stderr.destroy()
        reject(
          new Stuck(
            `${commandText(file, args)} (pid ${pid}) has been hanging for ${elapsed(startedAt)} s and cannot be killed`,
            { cause: ending },
          ),
        )
      }
      const handOver = (chunk: Buffer, take: (chunk: Buffer) => void) => {
        try {
          take(chunk)
        } catch (error) {
          end(error instanceof Error ? error : new Error(String(error)))
        }
      }
      const onAbort = () => end(new Stuck(`${commandText(file, args)} was called off after ${elapsed(startedAt)} s`))

      for (const name of ['stdout', 'stderr'] as const) {
        child[name].on('data', (chunk: Buffer) => {
          if (name === 'stdout' && onStdout !== undefined) {
            if (ending === undefined) handOver(chunk, onStdout)
            return
          }
          if (!output[name].add(chunk)) {
            end(new OutputTooLong(`${commandText(file, args)} printed more than ${maxBytes} bytes on ${name}`))
          }
        })
      }
      child.once('error', () => settle(() => undefined))
      const conclude = (exitCode: number | null, by: NodeJS.Signals | null) => {
        settle(() => {
          onEnd?.({ exitCode, stdout: output.stdout.text(), stderr: output.stderr.text() })
          if (ending !== undefined) {
            reject(ending)
          } else if (exitCode === 0) {
            resolve(output.stdout.text())
          } else {
            const outcome = { file, args, exitCode, stdout: output.stdout.text(), stderr: output.stderr.text() }
            reject(new CommandFailed(outcome, exitCode === null ? `was ended by ${by}` : `exited ${exitCode}`))
          }
        })
      }
      child.once('close', conclude)
      // A grandchild can hold the pipes open after the program itself has ended.
      child.once('exit', (exitCode, by) => {
        later(grace, () => {
          child.stdout.destroy()
          child.stderr.destroy()
          conclude(exitCode, by)
        })
      })
      signal?.addEventListener('abort', onAbort, { once: true })
      later(deadline, () => {
        end(new Stuck(`${commandText(file, args)} did not end within ${Math.round(deadline / 1000)} s`))
      })
    })
  }

  return {
    exec,
    stuck: () =>
      [...stuck].map(([pid, { command, startedAt }]) => ({
        pid,
        command,
        ranFor: milliseconds(performance.now() - startedAt),
      })),
  }
}

/** Out of file descriptors, Node gives a child without pipes, whatever the types say, and an `error` event later. */
export function hasPipes(child: Pick<ChildProcess, 'stdout' | 'stderr'>): boolean {
  return child.stdout instanceof Readable && child.stderr instanceof Readable
}

function startFailure(
  error: NodeJS.ErrnoException,
  { kind, file, args }: { kind: string; file: string; args: readonly string[] },
): Error {
  if (error.code === 'ENOENT') {
    return new ProgramMissing(`the program ${file} is not installed here`, installHint(kind), { cause: error })
  }
  const outcome = { file, args, exitCode: null, stdout: '', stderr: '' }
  return new CommandFailed(outcome, `could not be started (${error.code})`)
}

const elapsed = (startedAt: number): string => ((performance.now() - startedAt) / 1000).toFixed(0)

/** What to install for a program that is missing. */
function installHint(program: string): string {
  const debian: Record<string, string> = {
    zpool: 'zfsutils-linux (on Debian out of contrib)',
    zfs: 'zfsutils-linux (on Debian out of contrib)',
    ssh: 'openssh-client',
    systemctl: 'systemd',
    smartctl: 'smartmontools',
  }
  const name = debian[program]
  return name === undefined ? `install ${program}` : `on Debian and Ubuntu: apt install ${name}`
}

/** Output kept up to a bound. */
class Kept {
  readonly #chunks: Buffer[] = []
  readonly #limit: number
  #size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** False when the bound is passed. */
  add(chunk: Buffer): boolean {
    if (this.#size > this.#limit) return false
    this.#size += chunk.length
    if (this.#size > this.#limit) return false
    this.#chunks.push(chunk)
    return true
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}
