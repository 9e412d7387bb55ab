import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { readPolicy } from '../adapters/policy/policy-file.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createPrograms } from '../adapters/system/exec.ts'
import { listenOn } from '../adapters/system/listen.ts'
import { readSecret } from '../adapters/system/secrets.ts'
import { readPoolState } from '../adapters/zfs/kstats.ts'
import { OpsError } from '../domain/errors.ts'
import { minutes } from '../domain/units.ts'
import { tiercelVersion } from '../version.ts'
import { executorServer } from './http.ts'
import { clusterFolderOf } from './cluster-folder.ts'
import { rootOperations } from './root-operations.ts'

/**
 * `tiercel executor`: as root, started by systemd when somebody connects, ended by itself after a while without a
 * request. With `socket`, it listens there by itself (for the lab and for tests).
 */
export async function runExecutor(options: {
  token: string
  policy: string
  config: string
  socket?: string | undefined
}): Promise<void> {
  const token = await readSecret({ file: options.token })
  const { exec } = createPrograms()
  const policy = () => readPolicy(options.policy)
  const server = executorServer({
    exec,
    token,
    tiercelVersion,
    policy,
    operations: rootOperations({
      exec,
      clock: systemClock,
      policy,
      poolState: (pool) => readPoolState(pool, { readFileSync }),
      audit: (line) => process.stderr.write(`${JSON.stringify({ name: 'tiercel-executor', ...line })}\n`),
    }),
    clusterFolder: (store) => clusterFolderOf(options.config, store),
  })
  if (options.socket !== undefined) {
    await listenOn(server, options.socket, 0o660)
  } else if (process.env['LISTEN_FDS'] === '1' && process.env['LISTEN_PID'] === String(process.pid)) {
    server.listen({ fd: firstPassedSocket })
    endWhenIdle(server)
  } else {
    throw new NoSocket('tiercel executor is started by tiercel-executor.socket of systemd, or with --socket PATH')
  }
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => {
      server.close()
      server.closeAllConnections()
      resolve()
    })
  })
}

/** Nobody has handed over a socket, and none was named. */
class NoSocket extends OpsError {
  readonly remedy = 'stop'
}

/** sd_listen_fds(3): the first socket that systemd hands over. */
const firstPassedSocket = 3

/** systemd starts us again at the next connection; between the probes of an agent (30 s) we stay. */
function endWhenIdle(server: Server): void {
  let timer = setTimeout(() => process.exit(0), minutes(5))
  server.on('request', () => {
    clearTimeout(timer)
    timer = setTimeout(() => process.exit(0), minutes(5))
  })
}
