import { readFileSync } from 'node:fs'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { z } from 'zod'
import { readKernelRing } from '../adapters/logs/kernel-ring.ts'
import { readSettingsCommand } from '../adapters/daemons/read-settings.ts'
import { diskNames } from '../adapters/disks/kernel-disks.ts'
import { runSmartctl } from '../adapters/disks/smartctl.ts'
import { readPoolState } from '../adapters/zfs/kstats.ts'
import { poolStatusArgs } from '../adapters/zfs/pool-status-args.ts'
import { readScanSetups } from '../adapters/zfs/scrub-extents.ts'
import { createServer } from '../adapters/http/node-http.ts'
import { carriesToken } from '../adapters/system/bearer.ts'
import type { Exec } from '../adapters/system/exec.ts'
import { apiError, type ApiError } from '../api/agent.ts'
import {
  CancelRequest,
  executorPaths,
  type ExecutorVersion,
  type PermitAnswer,
  PermitRequest,
  type ProbeOutcome,
  ProbeRequest,
  RootRequest,
} from '../api/executor.ts'
import type { PolicyAnswer } from '../api/operations.ts'
import { explain, OpsError, ProgramMissing, Refusal, Stuck } from '../domain/errors.ts'
import { apiVersion } from '../domain/observation.ts'
import { doesItsWork } from '../domain/pool-status.ts'
import { seconds } from '../domain/units.ts'
import type { PolicyView } from '../operations/policy.ts'
import type { RootOperations } from './root-operations.ts'
import { type OperationAsked, writeLines } from './write-lines.ts'

/** A request is a few words, or the names of some snapshots. */
const maxRequestBytes = 16 * 1024

/** What runs as root: authenticates, reads the policy, builds the command itself, and hands its output back unread. Operations: root-operations.ts. */
export function executorServer(options: {
  exec: Exec
  token: string
  tiercelVersion: string
  policy: () => PolicyView
  operations: RootOperations
  /** The folder of a store's Cluster peer, by the host's own agent.yaml; throws where it names none. */
  clusterFolder: (store: string) => string
  /** The kernel's names of its disks. */
  disks?: () => readonly string[]
  /** The state of a pool, by the kernel's statistics. */
  poolState?: (pool: string) => string | undefined
}): Server {
  const { exec, token, tiercelVersion, policy, operations, clusterFolder } = options
  const { disks = () => diskNames(), poolState = (pool: string) => readPoolState(pool, { readFileSync }) } = options

  const answer = async (incoming: IncomingMessage): Promise<Answer> => {
    if (!carriesToken(incoming.headers.authorization, token)) {
      return { status: 401, body: apiError('not-authenticated', 'the executor needs its token') }
    }
    if (incoming.method === 'GET' && incoming.url === executorPaths.version) {
      // A policy that is not understood is told here; looking goes on all the same.
      const { mode } = policy()
      return { status: 200, body: { apiVersion, tiercelVersion, policy: mode } satisfies ExecutorVersion }
    }
    if (incoming.method === 'GET' && incoming.url === executorPaths.policy) {
      return { status: 200, body: { apiVersion, policy: policy() } satisfies PolicyAnswer }
    }
    if (incoming.method === 'POST' && incoming.url === executorPaths.permit) {
      const { operation } = known(PermitRequest.safeParse(await bodyOf(incoming)))
      return { status: 200, body: { apiVersion, says: operations.permit(operation) } satisfies PermitAnswer }
    }
    if (incoming.method === 'POST' && incoming.url === executorPaths.operations) {
      const { operation, id } = known(RootRequest.safeParse(await bodyOf(incoming)))
      // Refused before the answer begins.
      operations.permit(operation)
      return { lines: (told) => operations.operate(operation, id, told) }
    }
    if (incoming.method === 'POST' && incoming.url === executorPaths.cancel) {
      const request = CancelRequest.safeParse(await bodyOf(incoming))
      if (!request.success)
        return { status: 400, body: apiError('bad-request', 'an operation is called off by its id') }
      operations.cancel(request.data.id)
      return { status: 200, body: { apiVersion } }
    }
    if (incoming.method === 'POST' && incoming.url === executorPaths.probe) {
      const request = ProbeRequest.safeParse(await bodyOf(incoming))
      if (!request.success) {
        return { status: 400, body: apiError('bad-request', `the executor knows only the probes ${probes.join(', ')}`) }
      }
      // A gone caller ends the program: nobody would read what it says.
      const gone = new AbortController()
      const onGone = () => gone.abort()
      incoming.socket.once('close', onGone)
      try {
        const stdout = await look(request.data, { exec, clusterFolder, disks, poolState, signal: gone.signal })
        return { status: 200, body: { apiVersion, stdout } satisfies ProbeOutcome }
      } finally {
        incoming.socket.removeListener('close', onGone)
      }
    }
    return { status: 404, body: apiError('not-found', `${incoming.method} ${incoming.url} is not known here`) }
  }

  return createServer((incoming, outgoing) => {
    void respond(outgoing, () => answer(incoming))
  })
}

const probes = ProbeRequest.options.map(({ shape }) => shape.probe.value)

/** A disk was named that the kernel does not have. */
class UnknownDisk extends OpsError {
  readonly remedy = 'stop'
}

/** A pool was named that the kernel does not have, or that has stopped: its history would not come back. */
class UnknownPool extends OpsError {
  readonly remedy = 'stop'
}

/** Runs each probe: its command is built from words that we know. */
async function look(
  request: ProbeRequest,
  {
    exec,
    clusterFolder,
    disks,
    poolState,
    signal,
  }: {
    exec: Exec
    clusterFolder: (store: string) => string
    disks: () => readonly string[]
    poolState: (pool: string) => string | undefined
    signal: AbortSignal
  },
): Promise<string> {
  const options = { signal, deadline: seconds(60) }
  if (request.probe === 'smart') {
    // What is no disk of this kernel reaches no command line.
    if (!disks().includes(request.disk)) throw new UnknownDisk(`this machine has no disk ${request.disk}`)
    return runSmartctl(exec, request.disk, options)
  }
  if (request.probe === 'pool-status') {
    return exec('zpool', poolStatusArgs({ json: request.json, errors: true }), options)
  }
  if (request.probe === 'scan-setups') {
    const state = poolState(request.pool)
    if (!doesItsWork(state)) {
      throw new UnknownPool(`no pool ${request.pool} works on this machine (${state ?? 'not imported'})`)
    }
    return readScanSetups(exec, request.pool, options)
  }
  if (request.probe === 'cluster-settings') {
    const { file, args } = readSettingsCommand(clusterFolder(request.store))
    return exec(file, args, options)
  }
  return request.probe === 'zpool-events' ? exec('zpool', ['events', '-H', '-v'], options) : readKernelRing()
}

/** One answer, or one that goes on as long as the work does. */
type Answer = { status: number; body: unknown } | { lines: OperationAsked }

async function respond(outgoing: ServerResponse, answer: () => Promise<Answer>): Promise<void> {
  let result: Answer
  try {
    result = await answer()
  } catch (error) {
    const body = refusalOf(error)
    const { code } = body.error
    result = { status: code === 'bad-request' ? 400 : code === 'refused-by-policy' ? 403 : 500, body }
  }
  if ('lines' in result) return writeLines(outgoing, result.lines, refusalOf)
  outgoing.writeHead(result.status, { 'content-type': 'application/json' })
  outgoing.end(JSON.stringify(result.body))
}

function refusalOf(error: unknown): ApiError {
  const hint = error instanceof ProgramMissing || error instanceof Refusal ? error.hint : undefined
  const code =
    error instanceof Refusal && error.code === 'refused-by-policy'
      ? 'refused-by-policy'
      : error instanceof ProgramMissing
        ? 'missing-program'
        : error instanceof Stuck
          ? 'stuck'
          : error instanceof OpsError
            ? 'failed'
            : 'bad-request'
  return apiError(code, explain(error), hint)
}

/** What was asked for, or the reason why it is not known here. */
function known<T>(read: z.ZodSafeParseResult<T>): T {
  if (read.success) return read.data
  throw new Error(`this is no operation that the executor knows: ${read.error.issues[0]?.message ?? ''}`)
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > maxRequestBytes) throw new Error(`a request is at most ${maxRequestBytes} bytes`)
    chunks.push(bytes)
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}
