import { readFileSync } from 'node:fs'
import { readPolicy } from '../adapters/policy/policy-file.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { createPrograms } from '../adapters/system/exec.ts'
import { listenOn } from '../adapters/system/listen.ts'
import { readSecret } from '../adapters/system/secrets.ts'
import { readPoolState } from '../adapters/zfs/kstats.ts'
import { OpsError } from '../domain/errors.ts'
import { tiercelVersion } from '../version.ts'
import { endWhenIdle } from './end-when-idle.ts'
import { executorServer } from './http.ts'
import { clusterFolderOf } from './cluster-folder.ts'
import { inHostMounts } from './in-host-mounts.ts'
import { rootOperations } from './root-operations.ts'

/**
 * `tiercel executor`: as root, started by systemd when somebody connects, ended by itself after a while without a
 * request and without work. With `socket`, it listens there by itself (for the lab and for tests).
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
  const operations = rootOperations({
    exec,
    mountingExec: inHostMounts(exec),
    clock: systemClock,
    policy,
    poolState: (pool) => readPoolState(pool, { readFileSync }),
    audit: (line) => process.stderr.write(`${JSON.stringify({ name: 'tiercel-executor', ...line })}\n`),
  })
  const server = executorServer({
    exec,
    token,
    tiercelVersion,
    policy,
    operations,
    clusterFolder: (store) => clusterFolderOf(options.config, store),
  })
  if (options.socket !== undefined) {
    await listenOn(server, options.socket, 0o660)
  } else if (process.env['LISTEN_FDS'] === '1' && process.env['LISTEN_PID'] === String(process.pid)) {
    server.listen({ fd: firstPassedSocket })
    endWhenIdle(server, { clock: systemClock, isBusy: () => operations.underWay() > 0, end: () => process.exit(0) })
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
