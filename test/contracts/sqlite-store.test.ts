import { crashContract } from './crash.contract.ts'
import { sqliteBench, sqliteCrashBench } from './sqlite-store.ts'
import { storeContract } from './store.contract.ts'

storeContract('SQLite', sqliteBench)
crashContract('SQLite', sqliteCrashBench, 6)
