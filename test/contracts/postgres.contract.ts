import { afterAll, beforeAll, describe } from 'vitest'
import { crashContract } from './crash.contract.ts'
import { postgresBench, postgresCrashBench, type PostgresServer, startPostgres } from './postgres-server.ts'
import { postgresFaultsContract } from './postgres-faults.contract.ts'
import { storeContract } from './store.contract.ts'

/** Everything that PostgreSQL must do as the store of a controller; `programs`: the folder of its programs. */
export function postgresContract(programs: string): void {
  describe('on a real server', () => {
    let server: PostgresServer
    beforeAll(async () => {
      server = await startPostgres(programs)
    })
    afterAll(async () => server.stop())

    storeContract('PostgreSQL', async () => postgresBench(server))
    postgresFaultsContract(() => server)
    crashContract('PostgreSQL', async () => postgresCrashBench(server), 3)
  })
}
