import { afterAll, beforeAll, describe } from 'vitest'
import { findPostgres, postgresBench, type PostgresServer, startPostgres } from './postgres-server.ts'
import { storeContract } from './store.contract.ts'

const programs = findPostgres()

describe.skipIf(programs === undefined)('PostgreSQL (skipped where it is not installed)', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(programs ?? '')
  })
  afterAll(async () => server.stop())

  storeContract('PostgreSQL', async () => postgresBench(server))
})
