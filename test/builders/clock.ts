import { type ManualClock, manualClock } from '../../src/observe/testing.ts'

/** The manual clock, for tests in parts that may not import the observer's. */
export const stillClock = (): ManualClock => manualClock()
