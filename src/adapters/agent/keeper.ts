import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OpsError } from '../../domain/errors.ts'
import { request } from '../http/node-http.ts'
import { listenOn, SocketInUse } from '../system/listen.ts'
import { createProxy } from './proxy.ts'
import { KeptHosts, readTarget, targetHeader } from './kept-hosts.ts'

/** The folder for our sockets is not ours alone. */
export class FolderNotOurs extends OpsError {
  readonly remedy = 'ask'
}

/** The socket of the process that keeps the connections of this user. */
export function keeperSocket(env: NodeJS.ProcessEnv): string {
  const uid = process.getuid?.() ?? 0
  const runtime = env['XDG_RUNTIME_DIR'] ?? ''
  const folder = join(runtime === '' ? tmpdir() : runtime, `tiercel-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new FolderNotOurs(`${folder} must be a folder of our own with mode 0700; remove it, or set XDG_RUNTIME_DIR`)
  }
  const key = createHash('sha256')
    // Another login has other keys, and a keeper with the agent of a login that is over could not log in again. Another
    // checkout may speak otherwise.
    .update(JSON.stringify([env['HOME'], env['SSH_AUTH_SOCK'], env['PATH'], import.meta.dirname]))
    .digest('hex')
  return join(folder, `${key.slice(0, 16)}.sock`)
}

/**
 * Longer than a login to a slow host and an answer from memory take, and longer than any asker waits: the connection that is
 * being made serves the next one. After it, the connection is dropped.
 */
const answerWithin = 60_000

/**
 * On a connection that was kept there is no login. It can be dead without a word (a laptop that slept, a new address):
 * what is left of the caller's 12 s is for a new one.
 */
const answerOnKeptWithin = 6_000

/**
 * Keeps one `ssh HOST tiercel agent stdio` open to each host that the commands of one user have asked for, each until its
 * time without a request is over, and ends with the last one. OpenSSH's own ControlMaster cannot do it: it keeps the
 * login, but each command would start the remote program anew, which takes seconds on a slow host.
 */
export async function keepConnections(socketPath: string): Promise<void> {
  const hosts = new KeptHosts()
  const server = createProxy(
    ({ headers: { [targetHeader]: target, ...headers }, ...options }, gone) => {
      const { connections, released, isAlone, heard, answering } = hosts.take(String(target))
      const upstream = request({ ...options, headers, agent: connections, host: 'agent' })
      upstream.setTimeout(0)
      let late: NodeJS.Timeout | undefined
      const dropAfter = (within: number) => {
        clearTimeout(late)
        late = setTimeout(() => upstream.destroy(new Error(`no answer within ${within / 1000} s`)), within)
      }
      dropAfter(answerWithin)
      upstream.once('socket', () => {
        if (upstream.reusedSocket) dropAfter(answerOnKeptWithin)
      })
      upstream.once('response', () => {
        answering()
        // From here on, whoever asked knows how long silence may last.
        if (isAlone) clearTimeout(late)
      })
      // The connection lives; what takes its time is the agent.
      upstream.once('continue', () => {
        heard(gone)
        dropAfter(answerWithin)
      })
      upstream.once('close', () => {
        clearTimeout(late)
        released()
      })
      return upstream
    },
    (error, { headers }) => hosts.failure(String(headers[targetHeader]), error),
    {
      letFinish: (headers) => !readTarget(String(headers[targetHeader])).isAlone,
      tellWhenThere: true,
      // A question behind one that is not answered waits for the agent, not for a login.
      whenThere: ({ headers }, tell) => hosts.whenSilent(String(headers[targetHeader]), tell),
    },
  )
  try {
    await listenOn(server, socketPath, 0o600)
  } catch (error) {
    if (error instanceof SocketInUse) return // another keeper was faster
    throw error
  }
  await new Promise<void>((resolve) => {
    const end = () => {
      hosts.close()
      server.closeAllConnections()
      server.close(() => resolve())
    }
    hosts.onceEmpty(end)
    process.once('SIGTERM', end)
  })
}
