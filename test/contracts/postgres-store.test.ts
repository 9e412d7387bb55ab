import { describe } from 'vitest'
import { findPostgres } from './postgres-server.ts'
import { postgresContract } from './postgres.contract.ts'

const programs = findPostgres()

describe.skipIf(programs === undefined)('PostgreSQL (skipped: its Debian package is not installed)', () => {
  postgresContract(programs ?? '')
})
