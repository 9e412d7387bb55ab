import { randomBytes } from 'node:crypto'
import { OperationId } from '../../src/domain/operation.ts'

/** A UUIDv7 as if it had been made at this moment (milliseconds since 1970). */
export function operationIdAt(at: number): OperationId {
  const time = at.toString(16).padStart(12, '0')
  const rest = randomBytes(10).toString('hex')
  return OperationId.parse(
    `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`,
  )
}
