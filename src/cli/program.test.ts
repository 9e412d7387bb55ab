import { expect, test } from 'vitest'
import { createProgram, noRunbook, parts } from './program.ts'

const terminal = {
  write: () => undefined,
  error: () => undefined,
  colours: false,
  columns: 100,
  isInteractive: false,
}

test.each(parts)('$names is what is loaded under these names', async ({ names, load }) => {
  expect((await load(terminal, noRunbook)).map((command) => command.name())).toEqual(names)
})

const names = async (first: string): Promise<string[]> =>
  (await createProgram(terminal, { first })).commands.map((command) => command.name())

test('a command is loaded by itself; what names none has all', async () => {
  expect(await names('runs')).toEqual(['runs'])
  const all = parts.flatMap((part) => part.names)
  for (const first of ['', 'help', '--version', 'helath', 'complete']) expect(await names(first)).toEqual(all)
})
