import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { getRequestListener } from '@hono/node-server'
import { z } from 'zod'
import { answers, listenOn } from '../../adapters/system/listen.ts'
import { explain, OpsError } from '../../domain/errors.ts'
import { DurationText } from '../../domain/text-units.ts'
import { createWorld, defaultStart } from '../create-world.ts'
import { controlApp } from './control.ts'
import { createFaces } from './faces.ts'
import { createSimulator } from './simulator.ts'
import { readState, type SimulatorState, writeState } from './state-file.ts'

const usage = `Usage: node src/sim/process/main.ts --socket PATH --state FILE [--seed N] [--pins N] [--clock real|manual] [--scrub-takes 30s] [--with-parent]

The simulated fleet as its own process. It is driven over the unix socket PATH, and serves the APIs of its Cluster peers
and Kubos on ports of 127.0.0.1, which GET /world lists. FILE keeps the world between two runs.

  --clock manual   the world's time moves only by POST /advance?by=30s
  --scrub-takes    how long a scrub of any pool takes, in a new world
  --with-parent    end when standard input is closed

Example: node src/sim/process/main.ts --socket /tmp/sim.sock --state /tmp/sim.json --seed 1
`

/** The simulator was called in a way that it does not know. */
class WrongUsage extends OpsError {
  readonly remedy = 'stop'
}

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'a whole number')
  .transform(Number)
  .optional()

const Arguments = z.object({
  socket: z.string('is needed'),
  state: z.string('is needed'),
  seed: wholeNumber,
  pins: wholeNumber,
  clock: z.enum(['real', 'manual'], 'real or manual').default('real'),
  'scrub-takes': DurationText.optional(),
  'with-parent': z.boolean().default(false),
})
type Arguments = z.infer<typeof Arguments>

function readArguments(): Arguments {
  const text = { type: 'string' } as const
  const options = { socket: text, state: text, seed: text, pins: text, clock: text, 'scrub-takes': text }
  try {
    return Arguments.parse(parseArgs({ options: { ...options, 'with-parent': { type: 'boolean' } } }).values)
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : []
    const why = issue === undefined ? 'arguments that are not known' : `--${issue.path.join('.')}: ${issue.message}`
    throw new WrongUsage(why, issue === undefined ? { cause } : undefined)
  }
}

/** The world of the state file, or a new one where there is none. */
function loadState({ state: path, seed, pins, clock, 'scrub-takes': scrubTakes }: Arguments): SimulatorState {
  const stored = readState(path)
  if (stored !== undefined) {
    if (seed !== undefined && stored.world.seed !== seed) {
      throw new WrongUsage(`${path} holds a world of seed ${stored.world.seed}; remove it, or leave out --seed ${seed}`)
    }
    // Real time went on while nobody simulated it.
    if (clock === 'real') stored.world.now = Math.max(stored.world.now, Date.now())
    return stored
  }
  const world = createWorld({
    ...(seed === undefined ? {} : { seed }),
    ...(pins === undefined ? {} : { pins }),
    startAt: clock === 'real' ? Date.now() : defaultStart,
  })
  for (const { scrubs } of world.hosts.flatMap(({ pools }) => pools)) scrubs.takes = scrubTakes ?? scrubs.takes
  return { world, ports: {} }
}

async function main(): Promise<void> {
  const options = readArguments()
  if (await answers(options.socket)) throw new WrongUsage(`${options.socket} is already served by another process`)
  const state = loadState(options)
  let ports = state.ports
  const save = (): void => {
    try {
      writeState(options.state, { world: state.world, ports })
    } catch (error) {
      process.stderr.write(`simulator: cannot store the world: ${explain(error)}\n`)
      process.exit(1)
    }
  }
  const simulator = createSimulator({
    world: state.world,
    save,
    realTime: options.clock === 'real' ? () => performance.now() : undefined,
  })
  const faces = createFaces({
    simulator,
    knownPorts: ports,
    report: (error) => process.stderr.write(`simulator: ${traceOf(error)}\n`),
  })
  await faces.reconcile()
  ports = faces.ports()
  save()

  const listener = getRequestListener(controlApp({ simulator, faces }).fetch)
  const control = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await listenOn(control, options.socket, 0o600)

  let isStopping = false
  const stop = async (): Promise<void> => {
    if (isStopping) return
    isStopping = true
    ports = faces.ports()
    simulator.look(save)
    control.close()
    control.closeAllConnections()
    await faces.close()
    rmSync(options.socket, { force: true })
    process.exit(0)
  }
  process.once('SIGTERM', () => void stop())
  process.once('SIGINT', () => void stop())
  if (options['with-parent']) {
    process.stdin.once('end', () => void stop())
    process.stdin.resume()
  }
  process.stdout.write(`${JSON.stringify({ ready: true, socket: options.socket, pid: process.pid })}\n`)
}

const traceOf = (error: unknown): string => String(error instanceof Error ? error.stack : error)

main().catch((error: unknown) => {
  const isOurs = error instanceof OpsError
  process.stderr.write(
    isOurs ? `simulator: ${explain(error)}\n${error instanceof WrongUsage ? `\n${usage}` : ''}` : `${traceOf(error)}\n`,
  )
  process.exitCode = error instanceof WrongUsage ? 2 : 1
})
