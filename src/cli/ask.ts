import { createInterface } from 'node:readline/promises'

/** Asks one question; undefined when whoever is asked has gone (Ctrl-D). */
export type Ask = (text: string) => Promise<string | undefined>

/** Questions on the terminal; undefined where there is none. */
export function openQuestions(): { ask: Ask; close(): void } | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  return {
    async ask(text) {
      try {
        return await lines.question(text)
      } catch {
        // Node 26 rejects at Ctrl-D and Ctrl-C, and on a question after it.
        return undefined
      }
    },
    close: () => lines.close(),
  }
}
