import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { type ControllerClient, controllerClient } from '../../src/adapters/controller/client.ts'
import { RunState } from '../../src/domain/run.ts'

const launcher = join(import.meta.dirname, '../../bin/tiercel')

/** A machine that is busy with other tests is slow; what is waited for comes at once otherwise. */
export const patience = { timeout: 120_000, interval: 100 }

const Run = z.object({ id: z.string(), state: RunState, reason: z.string() })

/** What the command line of an operator said. */
export interface Said {
  status: number | null
  stdout: string
  stderr: string
}

/** The real processes: command line, controllers and an agent of one host, over real sockets and stores. */
export class ControllerBench {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tiercel-test-'))
  readonly #children: ChildProcess[] = []
  /** What the agent and the controllers have said. */
  readonly logs: string[] = []

  at(name: string): string {
    return join(this.#folder, name)
  }

  /** Starts an agent n1, for a fleet whose controller is the one of `first.yaml`. */
  async startAgent(): Promise<void> {
    writeFileSync(this.at('agent.token'), 'open sesame\n', { mode: 0o600 })
    writeFileSync(
      this.at('agent.yaml'),
      `apiVersion: 1
host: n1
socket: ${this.at('agent.sock')}
token: { file: ${this.at('agent.token')} }
grantToken: { file: ${this.at('agent.token')} }
pinIndex: { folder: ${this.at('pins')} }
operations: { folder: ${this.at('operations')} }
`,
    )
    writeFileSync(
      this.at('tiercel.yaml'),
      `apiVersion: 1
hosts: [{ name: n1, address: 'unix:${this.at('agent.sock')}', token: &token { file: ${this.at('agent.token')} }, grantToken: *token }]
controller: { socket: ${this.at('first.sock')}, token: { file: ${this.at('admin.token')} } }
`,
    )
    this.#start('agent', 'run', '--config', this.at('agent.yaml'))
    await until(() => existsSync(this.at('agent.sock')))
  }

  /** Writes the file of a controller; `store` as it stands there. */
  controllerFile(name: string, store: string): string {
    const file = this.at(`${name}.yaml`)
    writeFileSync(
      file,
      `apiVersion: 1
fleet: ${this.at('tiercel.yaml')}
store: ${store}
adminToken: ${this.at('admin.token')}
listen: { socket: ${this.at(`${name}.sock`)} }
collect: { every: 1s }
`,
    )
    return file
  }

  /** Starts a controller, and waits until it answers. */
  async startController(name: string): Promise<ChildProcess> {
    const socket = this.at(`${name}.sock`)
    rmSync(socket, { force: true })
    const child = this.#start('controller', 'run', '--config', this.at(`${name}.yaml`))
    await until(() => existsSync(socket) || child.exitCode !== null)
    return child
  }

  tiercel(...args: string[]): Said {
    return this.tiercelWith({}, ...args)
  }

  tiercelWith(env: Record<string, string>, ...args: string[]): Said {
    return spawnSync(launcher, args, { encoding: 'utf8', env: { ...this.#env(), ...env }, timeout: 120_000 })
  }

  /** A command that goes on; what it says comes bit by bit. */
  follow(hear: (text: string) => void, ...args: string[]): ChildProcess {
    const child = spawn(launcher, args, { env: this.#env(), stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear)
    return child
  }

  /** Asked by our client, in this process: a command line for each look would be most of the test. */
  async asked<T>(work: (client: ControllerClient) => Promise<T>): Promise<T> {
    const client = controllerClient({ url: `unix:${this.at('first.sock')}`, token: { file: this.at('admin.token') } })
    try {
      return await work(client)
    } finally {
      await client.close()
    }
  }

  async stateOf(id: string): Promise<RunState> {
    return this.asked(async (client) => (await client.ask('run', { params: { run: id } })).run.state)
  }

  /** Begins a practice run and gives its id. */
  begin(...args: string[]): string {
    const { stdout, stderr } = this.tiercel('run', 'practice', '--host', 'n1', '--yes', '--detach', '--json', ...args)
    if (stderr !== '') throw new Error(stderr)
    return Run.parse(JSON.parse(stdout)).id
  }

  remove(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #start(...args: string[]): ChildProcess {
    const child = spawn(launcher, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.on('data', (chunk: Buffer) => this.logs.push(chunk.toString('utf8')))
    this.#children.push(child)
    return child
  }

  #env(): NodeJS.ProcessEnv {
    return { ...process.env, TIERCEL_FLEET: this.at('tiercel.yaml'), TIERCEL_STATE: this.at('cli-state') }
  }
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => {
    child.once('exit', resolve)
  })
}

/** `expect.poll` is for tests alone. */
async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + patience.timeout; !isSo() && Date.now() < end;) await sleep(patience.interval)
}
