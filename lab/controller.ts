import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { isActive, RunState } from '../src/domain/run.ts'
import type { Lab } from './open-lab.ts'
import { waitFor } from './processes.ts'

const launcher = join(import.meta.dirname, '../bin/tiercel')

const Hosts = z.looseObject({ hosts: z.array(z.looseObject({ name: z.string() })) })
const Shown = z.looseObject({ run: z.looseObject({ id: z.string(), state: RunState, reason: z.string() }) })
type Shown = z.infer<typeof Shown>

/** A controller of its own, over guests of the lab, and the command line that speaks to it. */
export interface LabController {
  /** Where it answers, and the file of its first token. */
  readonly address: { url: string; token: { file: string } }
  tiercel(...args: string[]): { status: number | null; stdout: string; stderr: string }
  /** Plans and starts a run; gives its id. */
  begin(...args: string[]): string
  /** Looks until a run is in one of these states; rejects after so many seconds, or where it has ended in another one. */
  until(run: string, states: readonly RunState[], withinSeconds: number): Promise<Shown>
  /** Ends it as a crash does, or a stop does, and starts it again. */
  restart(signal: 'SIGKILL' | 'SIGTERM', changes?: Record<string, unknown>): Promise<void>
  close(): Promise<void>
}

/** The guests have Debian’s own cron job, as hosts have; whoever scrubs in them means it. */
export const meantSchedulers = { foreignScheduler: { accept: ['zfsutils-linux'] } }

/** Starts it over these guests, and has their agents obey it. */
export async function startLabController(lab: Lab, guests: readonly string[]): Promise<LabController> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-lab-controller-'))
  const at = (name: string) => join(folder, name)
  const address = { url: `unix:${at('controller.sock')}`, token: { file: at('admin.token') } }
  const writeFleet = (more: Record<string, unknown> = {}): void => {
    const fleet = Hosts.parse(parse(readFileSync(lab.state.fleetFile, 'utf8')))
    const hosts = fleet.hosts.filter(({ name }) => guests.includes(name))
    const controller = { socket: at('controller.sock'), token: address.token }
    writeFileSync(at('tiercel.yaml'), stringify({ ...fleet, hosts, checks: meantSchedulers, controller, ...more }))
  }
  writeFleet()
  writeFileSync(
    at('controller.yaml'),
    stringify({
      apiVersion: 1,
      fleet: at('tiercel.yaml'),
      store: { sqlite: at('store.sqlite') },
      adminToken: at('admin.token'),
      listen: { socket: at('controller.sock') },
    }),
  )
  const log: string[] = []
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    rmSync(at('controller.sock'), { force: true })
    const started = spawn(launcher, ['controller', 'run', '--config', at('controller.yaml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child = started
    started.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString('utf8')))
    const answers = await waitFor(() => existsSync(at('controller.sock')) || started.exitCode !== null, 60_000)
    if (!answers || started.exitCode !== null) throw new Error(`the controller did not start: ${log.join('')}`)
  }
  const stop = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const running = child
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = new Promise((resolve) => {
      running.once('exit', resolve)
    })
    running.kill(signal)
    await ended
  }
  const tiercel = (...args: string[]) =>
    spawnSync(launcher, args, {
      encoding: 'utf8',
      env: { ...process.env, TIERCEL_FLEET: at('tiercel.yaml'), TIERCEL_STATE: at('cli-state') },
      timeout: 180_000,
    })
  const said = (...args: string[]): string => {
    const { status, stdout, stderr } = tiercel(...args)
    if (status !== 0) throw new Error(`tiercel ${args.join(' ')} exited ${status}: ${stderr}${stdout}`)
    return stdout
  }
  const show = (run: string) => Shown.parse(JSON.parse(said('runs', 'show', run, '--json')))
  // Whoever had these agents before, another test or another controller of the lab, has ended.
  const takeOver = (): void => {
    const command = ['controller', 'take-over', '--config', at('controller.yaml')]
    const { status, stderr } = tiercel(...command)
    if (status === 0) return
    const named = /take-over (--from .+)$/m.exec(stderr)?.[1]?.split(' ')
    if (named === undefined) throw new Error(`take-over exited ${status}: ${stderr}`)
    said(...command, ...named)
  }
  try {
    await start()
    takeOver()
  } catch (error) {
    await stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  return {
    address,
    tiercel,
    begin: (...args) =>
      z.looseObject({ id: z.string() }).parse(JSON.parse(said('run', ...args, '--yes', '--detach', '--json'))).id,
    async until(run, states, withinSeconds) {
      for (const end = Date.now() + withinSeconds * 1000; ;) {
        const shown = show(run)
        if (states.includes(shown.run.state)) return shown
        if (!isActive(shown.run.state) || Date.now() > end) {
          throw new Error(
            `${run} is ${shown.run.state} (${shown.run.reason}), not ${states.join(' or ')}: ${log.slice(-20).join('')}`,
          )
        }
        await sleep(2000)
      }
    },
    async restart(signal, more) {
      await stop(signal)
      if (more !== undefined) writeFleet(more)
      await start()
    },
    async close() {
      await stop('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
