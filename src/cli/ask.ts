import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'

/** Asks one question; undefined when whoever is asked has gone (Ctrl-D). */
export type Ask = (text: string) => Promise<string | undefined>

/** Questions on the terminal; undefined where there is none. */
export function openQuestions(): { ask: Ask; close(): void } | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const closed = once(lines, 'close').then(() => undefined)
  return {
    ask: async (text) => Promise.race([lines.question(text), closed]),
    close: () => lines.close(),
  }
}
