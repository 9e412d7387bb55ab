import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Stuck } from '../../domain/errors.ts'
import { type Duration, milliseconds, seconds } from '../../domain/units.ts'

/** How long a writer waits for another; each needs milliseconds. */
const patience = seconds(10)

/**
 * Runs `work` while no other process of this user, on this machine, holds the lock of the same name. An abstract socket
 * (unix(7)) is the lock: the kernel gives it free when its holder dies, so that none is ever left behind.
 */
export async function withLock<T>(name: string, work: () => Promise<T>, wait: Duration = patience): Promise<T> {
  const key = createHash('sha256').update(`${process.getuid?.()}\0${name}`).digest('hex').slice(0, 32)
  const deadline = performance.now() + wait
  for (;;) {
    const release = await take(`\0tiercel-${key}`)
    if (release !== undefined) {
      try {
        return await work()
      } finally {
        await release()
      }
    }
    if (performance.now() > deadline) {
      throw new Stuck(`another tiercel has been writing ${name} for more than ${wait / 1000} s; try again`)
    }
    await sleep(milliseconds(5 + Math.random() * 20))
  }
}

/** Gives the lock, as what releases it; undefined where somebody holds it. */
function take(path: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen({ path }, () =>
      resolve(
        () =>
          new Promise((released) => {
            server.close(() => released())
          }),
      ),
    )
  })
}
