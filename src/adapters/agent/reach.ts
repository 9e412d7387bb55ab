import type { Question, Route } from './ask.ts'

/**
 * How one agent is reached: gives `run` a route, and what every question to it needs. With `alone`, the way is not shared: an
 * answer may then last for hours, and nobody waits behind it.
 */
export type Reach = <T>(
  run: (route: Route, needed: Pick<Question, 'token' | 'headers'>) => Promise<T>,
  signal?: AbortSignal,
  alone?: 'alone',
) => Promise<T>
