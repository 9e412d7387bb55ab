import type { Planned, Preflight, ShownStep } from '../api/operator-nouns.ts'
import { durationText } from '../domain/text-units.ts'
import { printable, styled, type Terminal, wrap } from './terminal.ts'
import { minuteText } from './times.ts'

type Screen = Pick<Terminal, 'colours' | 'columns'>

const marks = { holds: ['holds', 'green'], objection: ['OBJECTS', 'red'], unknown: ['UNKNOWN', 'magenta'] } as const

/** A plan for whoever decides: what it does and endangers, every command, what cannot be undone, and whether it may start. */
export function renderPlan(planned: Planned, terminal: Screen): string[] {
  const { outlook, steps, children, locks, preflight } = planned
  const said = (text: string, indent: string): string[] =>
    wrap(printable(text), Math.max(40, terminal.columns - indent.length)).map((line) => `${indent}${line}`)
  const waysBack = [...steps, ...children.flatMap((child) => child.steps)].filter(
    ({ undo }) => undo.kind === 'noWayBack',
  )
  return [
    `${styled(terminal, 'bold', printable(planned.title))}  (${planned.procedure}, class ${planned.class})`,
    '',
    `${label('takes')}${outlook.takes === undefined ? 'nobody can say' : `about ${durationText(outlook.takes)}`}`,
    ...outlook.endangers.flatMap((text, index) => titled(index === 0 ? 'endangers' : '', said(text, ''))),
    ...(waysBack.length === 0
      ? [`${label('way back')}every step can be undone, or changes nothing`]
      : titled(
          'no way back',
          waysBack.flatMap(({ title, undo }) => said(`${title}: ${undo.says}`, '')),
        )),
    ...(locks.length === 0 ? [] : titled('locks', locks.map(lockText))),
    ...(steps.length === 0 ? [] : ['', styled(terminal, 'bold', 'Steps'), ...stepLines(steps, '', terminal)]),
    ...children.flatMap((child) => [
      '',
      `${styled(terminal, 'bold', printable(child.key))}  ${printable(child.title)}${child.locks.length === 0 ? '' : `  (locks ${child.locks.map(lockText).join(', ')})`}`,
      ...stepLines(child.steps, '', terminal),
    ]),
    '',
    styled(terminal, 'bold', 'Before it starts'),
    ...preflight.map((one) => preflightLine(one, terminal)),
    '',
    verdictLine(planned, terminal),
  ]
}

const labelWidth = 13
const label = (text: string): string => text.padEnd(labelWidth)
const titled = (title: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => `${label(index === 0 ? title : '')}${line}`)

const lockText = ({ key, capacity }: { key: string; capacity: number }): string =>
  `${printable(key)}${capacity === 1 ? '' : ` (of ${capacity})`}`

/** A step, the exact commands by host, and what takes it back. */
function stepLines(steps: readonly ShownStep[], indent: string, terminal: Screen): string[] {
  const width = String(steps.length).length
  return steps.flatMap(({ title, commands, takes, undo }, index) => {
    const number = `${indent}${String(index + 1).padStart(width)}. `
    const below = ' '.repeat(number.length)
    const time = takes === undefined ? '' : `  (about ${durationText(takes)})`
    return [
      `${number}${printable(title)}${time}`,
      ...commands.map(({ host, command }) => `${below}${printable(host)}$ ${printable(command)}`),
      ...(undo.kind === 'undo'
        ? [
            `${below}${styled(terminal, 'dim', `undo: ${printable(undo.says)}`)}`,
            ...undo.commands.map(({ host, command }) =>
              styled(terminal, 'dim', `${below}  ${printable(host)}$ ${printable(command)}`),
            ),
          ]
        : undo.kind === 'noWayBack'
          ? [`${below}${styled(terminal, 'yellow', `no way back: ${printable(undo.says)}`)}`]
          : []),
    ]
  })
}

function preflightLine({ title, verdict, says }: Preflight, terminal: Screen): string {
  const [word, colour] = marks[verdict]
  return `  ${styled(terminal, colour, word.padEnd(8))} ${printable(title)}: ${printable(says)}`
}

/** 0 it may start, 1 something objects, 3 something could not be seen. */
export function planStatus(preflight: readonly Preflight[]): 0 | 1 | 3 {
  if (preflight.some(({ verdict }) => verdict === 'objection')) return 1
  return preflight.some(({ verdict }) => verdict === 'unknown') ? 3 : 0
}

const verdicts = {
  0: ['green', 'It can start.'],
  1: ['red', 'It cannot start: see what objects above.'],
  3: ['magenta', 'It cannot start: what must hold was not seen to hold.'],
} as const

function verdictLine({ preflight, heldBack }: Pick<Planned, 'preflight' | 'heldBack'>, terminal: Screen): string {
  const status = planStatus(preflight)
  if (status === 0 && heldBack !== undefined) {
    const until = heldBack.until === null ? '' : `, until ${minuteText(heldBack.until)}`
    return styled(terminal, 'yellow', `Nothing objects, but it is held back now${until}: ${printable(heldBack.reason)}`)
  }
  const [colour, text] = verdicts[status]
  return styled(terminal, colour, text)
}
