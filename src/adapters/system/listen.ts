import { chmodSync, lstatSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { OpsError } from '../../domain/errors.ts'

/** Somebody serves at this socket already. */
export class SocketInUse extends OpsError {
  readonly remedy = 'stop'
}

/** Listens on a unix socket with the given mode, in the place of one that a dead process left. */
export async function listenOn(server: Server, socketPath: string, mode: number): Promise<void> {
  if (await answers(socketPath)) {
    throw new SocketInUse(`${socketPath} is already served by another process; stop that one first`)
  }
  const found = lstatSync(socketPath, { throwIfNoEntry: false })
  if (found !== undefined && !found.isSocket()) throw new SocketInUse(`${socketPath} exists and is not a socket`)
  rmSync(socketPath, { force: true })
  const before = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(socketPath, () => {
        server.removeListener('error', reject)
        resolve()
      })
    })
  } finally {
    process.umask(before)
  }
  chmodSync(socketPath, mode)
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
