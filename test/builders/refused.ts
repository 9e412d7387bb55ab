import { UnexpectedOutput } from '../../src/domain/errors.ts'

/** Whether something is read, or refused as unknown; anything else that it throws is a bug. */
export function isReadOrRefused(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    if (error instanceof UnexpectedOutput) return true
    throw error
  }
}
