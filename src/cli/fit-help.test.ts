import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { fitHelp } from './fit-help.ts'
import { createProgram } from './program.ts'

const terminal = { write: () => undefined, error: () => undefined, colours: false, columns: 80, isInteractive: false }

const withChildren = (command: Command): Command[] => [command, ...command.commands.flatMap(withChildren)]

const letters = (page: string) => page.replaceAll(/\s/g, '')

test.each([80, 54, 40])('help of every command fits a screen of %i columns, and no word is lost', async (columns) => {
  const program = await createProgram(terminal, { first: '--help' })
  for (const command of withChildren(program)) {
    let text = ''
    const pages: string[] = []
    for (const width of [columns, 120]) {
      text = ''
      fitHelp(command, { columns: width }, (part) => {
        text += part
      })
      command.outputHelp()
      pages.push(text)
    }
    const [narrow = '', wide = ''] = pages
    for (const line of narrow.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
    expect(letters(narrow)).toBe(letters(wide))
  }
})
