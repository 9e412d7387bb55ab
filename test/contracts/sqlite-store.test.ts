import { runStoreContract } from './run-store.contract.ts'
import { sqliteBench } from './sqlite-store.ts'

runStoreContract('SQLite', sqliteBench)
