import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { LabError } from './errors.ts'
import type { LabProcess } from './state.ts'

/** The output of a finished program. */
export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string | Buffer
  /** Default 10 minutes. The program is killed then. */
  readonly timeoutMs?: number
  /** Output also goes to this file, as it comes. */
  readonly logFile?: string
}

/** Runs a program to its end, whatever its exit status. */
export function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { promise, resolve, reject } = Promise.withResolvers<Finished>()
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 600_000,
    killSignal: 'SIGKILL',
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  // A program that ends without reading its input is no failure of the write.
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input)
  child.on('error', (cause) => reject(new LabError(`cannot start ${file}`, { cause })))
  child.on('close', (code, endedBy) =>
    resolve({
      code: code ?? 128,
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString() + (endedBy === null ? '' : `\nended by ${endedBy}`),
    }),
  )
  return promise
}

/** Runs a program that must succeed, and gives its standard output. */
export async function must(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, options)
  if (code === 0) return stdout
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-15).join('\n')
  throw new LabError(`${file} ${args.slice(0, 8).join(' ')} exited ${code}: ${said}`)
}

/** Runs a long program with its output in a file; the file's end goes into the error. */
export function mustLogged(
  file: string,
  args: readonly string[],
  options: { logFile: string; env?: Readonly<Record<string, string>>; cwd?: string },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  mkdirSync(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'a')
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.on('error', (cause) => reject(new LabError(`cannot start ${file}`, { cause })))
  child.on('close', (code) => {
    if (code === 0) {
      resolve()
      return
    }
    const tail = readFileSync(options.logFile, 'utf8').trim().split('\n').slice(-15).join('\n')
    reject(new LabError(`${file} ${args.slice(0, 3).join(' ')} exited ${code} (${options.logFile}):\n${tail}`))
  })
  return promise
}

/** Starts a program that outlives the lab's own process, with its output in a file. */
export async function startDetached(
  file: string,
  args: readonly string[],
  options: { logFile: string; env?: Readonly<Record<string, string>> },
): Promise<LabProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true })
  const log = openSync(options.logFile, 'a')
  const child = spawn(file, args, {
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.once('spawn', resolve)
  child.once('error', (cause) => reject(new LabError(`cannot start ${file}`, { cause })))
  await promise
  child.unref()
  const startTime = child.pid === undefined ? undefined : startTimeOf(child.pid)
  if (child.pid === undefined || startTime === undefined) {
    throw new LabError(`${file} ended at once; see ${options.logFile}`)
  }
  return { pid: child.pid, startTime }
}

/** Start of a process in clock ticks since boot: field 22 of /proc/PID/stat (proc(5)). Undefined when there is none, or only a zombie. */
export function startTimeOf(pid: number): string | undefined {
  try {
    return startTimeIn(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return undefined
  }
}

/** Reads /proc/PID/stat; the second field, the program's name, may hold spaces and brackets. */
export function startTimeIn(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : fields[19]
}

/** Whether the process that we started is the one that has this pid now. */
export function isAlive(process: LabProcess | undefined): process is LabProcess {
  return process !== undefined && startTimeOf(process.pid) === process.startTime
}

/** Ends a process that we started: SIGTERM, then SIGKILL after `graceMs`; SIGKILL at once when that is 0. Another process with the same pid is left alone. */
export async function stopProcess(target: LabProcess | undefined, { graceMs = 10_000 } = {}): Promise<void> {
  if (!isAlive(target)) return
  if (graceMs > 0) {
    signal(target, 'SIGTERM')
    if (await waitFor(() => !isAlive(target), graceMs)) return
  }
  signal(target, 'SIGKILL')
  if (await waitFor(() => !isAlive(target), 10_000)) return
  throw new LabError(`process ${target.pid} did not end after SIGKILL`)
}

function signal(target: LabProcess, name: NodeJS.Signals): void {
  try {
    process.kill(target.pid, name)
  } catch (error) {
    // It ended in between.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Asks until the answer is yes; false when `timeoutMs` have passed. */
export async function waitFor(
  ask: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 200,
): Promise<boolean> {
  const end = Date.now() + timeoutMs
  for (;;) {
    if (await ask()) return true
    if (Date.now() >= end) return false
    await sleep(everyMs)
  }
}
