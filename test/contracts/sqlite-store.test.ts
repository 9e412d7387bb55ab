import { sqliteBench } from './sqlite-store.ts'
import { storeContract } from './store.contract.ts'

storeContract('SQLite', sqliteBench)
