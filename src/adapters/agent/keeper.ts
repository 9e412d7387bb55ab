import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OpsError } from '../../domain/errors.ts'
import type { Duration } from '../../domain/units.ts'
import { answers } from '../system/listen.ts'
import { createProxy } from './proxy.ts'
import { SshConnections, type SshTarget } from './ssh.ts'

/** The folder for our sockets is not ours alone. */
export class FolderNotOurs extends OpsError {
  readonly remedy = 'ask'
}

/** The socket of the process that keeps the connection to one host, for this user. */
export function keeperSocket(target: SshTarget, env: NodeJS.ProcessEnv): string {
  const uid = process.getuid?.() ?? 0
  const folder = join(env['XDG_RUNTIME_DIR'] ?? tmpdir(), `tiercel-${uid}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new FolderNotOurs(`${folder} must be a folder of our own with mode 0700; remove it, or set XDG_RUNTIME_DIR`)
  }
  const key = createHash('sha256')
    .update(JSON.stringify([target.address, target.config ?? '']))
    .digest('hex')
  return join(folder, `${key.slice(0, 16)}.sock`)
}

/** Longer than any answer takes that an agent gives from memory: after it, the connection is dropped and made anew. */
const answerWithin = 20_000

/**
 * Keeps one `ssh HOST tiercel agent stdio` open for the commands of one user, and ends after `keepFor` without a
 * request. OpenSSH's own ControlMaster cannot do it: it keeps the login, but each command would start the remote program
 * anew, which takes seconds on a slow host.
 */
export async function keepConnection(target: SshTarget, socketPath: string, keepFor: Duration): Promise<void> {
  if (await answers(socketPath)) return // another keeper was faster
  rmSync(socketPath, { force: true })
  const connections = new SshConnections(target)
  const server = createProxy(
    (options) => {
      const upstream = request({ ...options, agent: connections, host: 'agent' })
      upstream.setTimeout(0)
      const late = setTimeout(() => {
        upstream.destroy(new Error(`no answer within ${answerWithin / 1000} s`))
        connections.close()
      }, answerWithin)
      upstream.once('close', () => clearTimeout(late))
      return upstream
    },
    (error) => connections.failure(error),
  )
  await new Promise<void>((resolve) => {
    let idle: NodeJS.Timeout
    const end = () => {
      connections.close()
      server.closeAllConnections()
      server.close(() => resolve())
    }
    const rest = () => {
      clearTimeout(idle)
      idle = setTimeout(end, keepFor)
    }
    server.on('request', rest)
    server.once('error', () => resolve()) // the socket was taken in between: the other one serves
    process.once('SIGTERM', end)
    server.listen(socketPath, rest)
  })
}
