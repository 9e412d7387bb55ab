import { chmodSync, lstatSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { NotPermitted, OpsError } from '../../domain/errors.ts'

/** Somebody serves at this socket already. */
export class SocketInUse extends OpsError {
  readonly remedy = 'stop'
}

/** Linux cuts a longer path off, and the socket would lie elsewhere (unix(7): sun_path, 108 bytes with the zero). */
const longestSocketPath = 107

/** How long a socket must have been silent to count as left behind: its owner may be about to listen. */
const settleMs = 100

/**
 * Listens on a unix socket with the given mode, in the place of one that a dead process left. Of several processes that
 * try at once, one serves; the others get {@link SocketInUse}. A folder that is missing or may not be written is
 * {@link NotPermitted}.
 */
export async function listenOn(server: Server, socketPath: string, mode: number): Promise<void> {
  if (Buffer.byteLength(socketPath) > longestSocketPath) {
    throw new SocketInUse(`${socketPath} is too long for a socket: at most ${longestSocketPath} bytes`)
  }
  while (!(await tryToListen(server, socketPath, mode))) {
    const found = lstatSync(socketPath, { throwIfNoEntry: false })
    if (found === undefined) continue
    if (!found.isSocket()) throw new SocketInUse(`${socketPath} exists and is not a socket`)
    for (const wait of [0, settleMs]) {
      await sleep(wait)
      if (await answers(socketPath)) {
        throw new SocketInUse(`${socketPath} is already served by another process; stop that one first`)
      }
    }
    // Only the very socket that did not answer is removed, not one that somebody has put in its place meanwhile.
    if (lstatSync(socketPath, { throwIfNoEntry: false })?.ino === found.ino) rmSync(socketPath, { force: true })
  }
}

/** False when there is something at the path already: binding a socket is atomic. */
async function tryToListen(server: Server, socketPath: string, mode: number): Promise<boolean> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      // The socket is made while `listen` runs: between that and `chmod`, nobody else may connect.
      const before = process.umask(0o177)
      server.listen(socketPath, () => {
        server.removeListener('error', reject)
        resolve()
      })
      process.umask(before)
    })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false
    const folder = dirname(socketPath)
    throw new NotPermitted(
      `cannot listen at ${socketPath}`,
      `The folder ${folder} must be there, and this user must be allowed to write in it; or name another path with socket: in the file of settings.`,
      { cause: error },
    )
  }
  chmodSync(socketPath, mode)
  return true
}

/** Whether somebody listens at a unix socket. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connect(socketPath)
    attempt.once('connect', () => {
      attempt.destroy()
      resolve(true)
    })
    attempt.once('error', () => resolve(false))
  })
}
