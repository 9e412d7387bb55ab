import { existsSync } from 'node:fs'
import { Option } from 'commander'
import type { ControllerAddress, ControllerClient } from '../adapters/controller/client.ts'
import { NotPermitted, OpsError, Unreachable } from '../domain/errors.ts'
import type { Fleet, SecretRef } from '../domain/fleet.ts'
import { UsageError } from './errors.ts'
import type { FleetOption } from './fleet-option.ts'
import { declaredFleet } from './declared-fleet.ts'

/** The option of every command that a controller answers. */
export const controllerOption = (): Option =>
  new Option(
    '--controller <socket>',
    'the controller to ask: /PATH of its socket, or its URL; `none` to ask the agents (or TIERCEL_CONTROLLER; else `controller` in the fleet file)',
  )

/** Where the first start of an installed controller puts the first token. */
const installedToken = '/var/lib/tiercel-controller/admin.token'

/** The controller that is meant; undefined where there is none, or none is wanted. */
export function controllerAddress(
  option: string | undefined,
  fleet: Pick<Fleet, 'controller'> | undefined,
  env: NodeJS.ProcessEnv = process.env,
): ControllerAddress | undefined {
  const named = option ?? env['TIERCEL_CONTROLLER'] ?? ''
  if (named === 'none') return undefined
  const declared = fleet?.controller
  if (named !== '') {
    return { url: urlOf(named), token: tokenFor(declared?.token, env), ca: env['TIERCEL_CONTROLLER_CA'] }
  }
  if (declared === undefined) return undefined
  const token = tokenFor(declared.token, env)
  return 'socket' in declared
    ? { url: `unix:${declared.socket}`, token }
    : { url: declared.url, token, ca: declared.ca }
}

function urlOf(named: string): string {
  if (named.startsWith('/')) return `unix:${named}`
  if (/^unix:\/./.test(named)) return named
  if (/^https:\/\/[^\s/@]+\/?$/.test(named) || /^http:\/\/(127\.[\d.]+|localhost|\[::1\])(:\d+)?\/?$/.test(named))
    return named
  throw new UsageError(
    `${named} is no address of a controller: /PATH of its socket, https://HOST:PORT, or http:// on this machine`,
  )
}

function tokenFor(declared: SecretRef | undefined, env: NodeJS.ProcessEnv): SecretRef {
  const file = env['TIERCEL_TOKEN_FILE'] ?? ''
  if (file !== '') return { file }
  if ((env['TIERCEL_TOKEN'] ?? '') !== '') return { env: 'TIERCEL_TOKEN' }
  if (declared !== undefined) return declared
  if (existsSync(installedToken)) return { file: installedToken }
  throw new NotPermitted(
    'the controller needs a token, and none is named here',
    'Name its file: TIERCEL_TOKEN_FILE=/PATH, or token under `controller` in the fleet file. `tiercel controller token create` makes one; the first lies in admin.token beside the store of the controller.',
  )
}

/** Nobody answers where the controller should be. */
class ControllerAway extends OpsError {
  readonly remedy = 'retry'
  readonly hint =
    'What was begun is not lost: it goes on when the controller is started again (systemctl start tiercel-controller, or tiercel controller run --config FILE).'
}

/** Speaks to the controller of a command; without one, says what is missing. */
export async function withController<T>(
  options: FleetOption,
  work: (client: ControllerClient) => Promise<T>,
): Promise<T> {
  const { fleet } = await declaredFleet(options.fleet)
  const address = controllerAddress(options.controller, fleet)
  if (address === undefined) {
    throw new NotPermitted(
      'this needs a controller, which owns all runs, and none is named',
      'Name it: --controller /run/tiercel-controller/controller.sock, TIERCEL_CONTROLLER, or `controller: { socket, token }` in the fleet file. To start one: tiercel controller run --help. Plans need none: tiercel plan.',
    )
  }
  // Its HTTP client and its whole API are many files: who speaks to agents alone does not wait for them.
  const { controllerClient } = await import('../adapters/controller/client.ts')
  const client = controllerClient(address)
  try {
    return await work(client)
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error
    throw new ControllerAway(`the controller does not answer: ${error.message}`, { cause: error.cause })
  } finally {
    await client.close()
  }
}
