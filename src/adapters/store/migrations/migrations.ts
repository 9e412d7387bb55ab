import { first } from './0001-first.ts'
import { forgottenOperations } from './0002-forgotten-operations.ts'
import { leader } from './0003-leader.ts'
import { persons } from './0004-persons.ts'
import { auditCut } from './0005-audit-cut.ts'
import type { Migration } from './migration.ts'

/** In order: the place of each, from 1, is the version that it leads to. */
export const migrations: readonly Migration[] = [first, forgottenOperations, leader, persons, auditCut]
