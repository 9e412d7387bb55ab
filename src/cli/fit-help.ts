import type { Command } from 'commander'
import { type Terminal, wrap } from './terminal.ts'

/** Help as wide as the screen: the name of a command alone on the left, and what is longer than a line goes on below it. */
export function fitHelp(
  command: Command,
  { columns }: Pick<Terminal, 'columns'>,
  write: (text: string) => void = (text) => void process.stdout.write(text),
): Command {
  const width = Math.max(30, Math.min(columns, 120))
  return command
    .configureHelp({ helpWidth: width, minWidthToWrap: 20, subcommandTerm: (child) => child.name() })
    .configureOutput({
      writeOut: (text) =>
        write(
          text
            .split('\n')
            .flatMap((line) => fit(line, width))
            .join('\n'),
        ),
    })
}

/** An example keeps its command whole: what is said of it stands below. */
function fit(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const [, indent = '', command = '', says = ''] = /^(\s*)(\S.*?)(?:\s{2,}(\S.*))?$/.exec(line) ?? []
  // Prose goes on where it began.
  const below = indent === '' && says === '' ? '' : `${indent}    `
  const [first = '', ...more] = wrap(command, width - below.length)
  return [
    `${indent}${first}`,
    ...more.map((text) => `${below}${text}`),
    ...(says === '' ? [] : wrap(says, width - below.length).map((text) => `${below}${text}`)),
  ]
}
