import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What one run of a program took. */
export interface Measured {
  /** Wall time, milliseconds. */
  readonly took: number
  readonly code: number
  /** Bytes on its standard output, which is read and thrown away. */
  readonly bytes: number
  /** Standard output, where it was kept. */
  readonly stdout: string
}

/** Runs a program to its end and measures it from outside, as an operator's clock would. */
export function measure(
  command: readonly [string, ...string[]],
  options: { env?: NodeJS.ProcessEnv; keep?: boolean; accept?: readonly number[] } = {},
): Promise<Measured> {
  const [program, ...args] = command
  const { env = process.env, keep = false, accept = [0] } = options
  const { promise, resolve, reject } = Promise.withResolvers<Measured>()
  const began = performance.now()
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const kept: Buffer[] = []
  const errors: Buffer[] = []
  let bytes = 0
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (keep) kept.push(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  child.on('error', reject)
  child.on('close', (code) => {
    const status = code ?? 128
    if (!accept.includes(status)) {
      reject(new Error(`${program} exited ${status}: ${Buffer.concat(errors).toString().slice(-2000)}`))
      return
    }
    resolve({ took: performance.now() - began, code: status, bytes, stdout: Buffer.concat(kept).toString() })
  })
  return promise
}

/** The middle one of some figures; of an even number of them, half way between the two in the middle. */
export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low = Number.NaN, high = low] = sorted.slice(
    Math.ceil(sorted.length / 2) - 1,
    Math.floor(sorted.length / 2) + 1,
  )
  return (low + high) / 2
}

/** The middle one of several runs, which noise moves least; `runs` is odd. */
export async function median(runs: number, run: () => Promise<Measured>): Promise<Measured> {
  const all: Measured[] = []
  for (let index = 0; index < runs; index += 1) all.push(await run())
  const chosen = all.toSorted((a, b) => a.took - b.took)[Math.floor(runs / 2)]
  if (chosen === undefined) throw new RangeError('at least one run')
  return chosen
}

/** Resident memory of a process now and at its highest, bytes (proc(5), VmRSS and VmHWM). */
export function memoryOf(pid: number): { now: number; highest: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kib = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN)
  return { now: kib('VmRSS') * 1024, highest: kib('VmHWM') * 1024 }
}
