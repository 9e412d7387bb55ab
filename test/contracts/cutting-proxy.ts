import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

/** A way to a PostgreSQL server that breaks at the worst moments. */
export interface CuttingProxy {
  /** The folder of its socket. */
  readonly folder: string
  /** Cuts the connection of the next statement: before the server has it, or when the server has answered. */
  cutNext(statement: string, moment: 'before' | 'after'): void
  cuts(): number
  /** Takes everything, and gives nothing on: a firewall, a server that stands still. */
  silence(isSilent: boolean): void
  close(): Promise<void>
}

export async function cuttingProxy(serverFolder: string): Promise<CuttingProxy> {
  const folder = mkdtempSync(join(serverFolder, 'proxy-'))
  const socket = '.s.PGSQL.5433'
  let next: { statement: string; moment: 'before' | 'after' } | undefined
  let cuts = 0
  let isSilent = false
  const server = createServer((client) => {
    const backend = connect(join(serverFolder, socket))
    let isLast = false
    const cut = (): void => {
      cuts += 1
      client.destroy()
      backend.destroy()
    }
    client.on('data', (chunk) => {
      if (isSilent) return undefined
      const moment = next !== undefined && chunk.includes(`${next.statement}\0`) ? next.moment : undefined
      if (moment !== undefined) next = undefined
      if (moment === 'before') return cut()
      isLast ||= moment === 'after'
      return backend.write(chunk)
    })
    backend.on('data', (chunk) => (isSilent ? undefined : isLast ? cut() : client.write(chunk)))
    for (const [one, other] of [
      [client, backend],
      [backend, client],
    ] as const) {
      one.on('error', () => undefined)
      one.on('close', () => other.destroy())
    }
  })
  server.listen(join(folder, socket))
  await once(server, 'listening')
  return {
    folder,
    cutNext(statement, moment) {
      next = { statement, moment }
    },
    cuts: () => cuts,
    silence(silent) {
      isSilent = silent
    },
    async close() {
      server.close()
      await once(server, 'close')
    },
  }
}
