import type { RunDetail, RunStep, TranscriptLine } from '../api/operator-nouns.ts'
import { isOver, notBegun, type RunState, type RunSummary } from '../domain/run.ts'
import { durationText, percent } from '../domain/text-units.ts'
import { age, type Instant } from '../domain/units.ts'
import { printable, printableLines, styled, table, type Terminal } from './terminal.ts'
import { iso, minuteText } from './times.ts'

type Screen = Pick<Terminal, 'colours' | 'columns'>

const colours = {
  planned: 'cyan',
  waiting: 'cyan',
  running: 'cyan',
  paused: 'yellow',
  asking: 'magenta',
  stopped: 'yellow',
  failed: 'red',
  undoing: 'yellow',
  undone: 'yellow',
  left: 'yellow',
  succeeded: 'green',
} as const satisfies Record<RunState, string>

const stateText = (state: RunState, terminal: Screen): string => styled(terminal, colours[state], state)

const stepMarks = {
  'to do': '·',
  begun: '▸',
  done: '✓',
  failed: '✗',
  undoing: '◂',
  undone: '↩',
} as const satisfies Record<RunStep['state'], string>

/** Runs as a table, in the order in which they came. */
export function runsTable(runs: readonly RunSummary[], now: Instant): string[] {
  return table(
    ['RUN', 'STATE', 'DONE', 'BEGAN', 'BY', 'WHAT'],
    runs.map((run) =>
      [
        run.id,
        run.state,
        percent(run.share),
        `${durationText(age(run.createdAt, now))} ago`,
        run.requestedBy,
        `${run.title}${run.reason === '' ? '' : `: ${run.reason}`}`,
      ].map(printable),
    ),
  )
}

/** One run: how it stands, what it asks, its steps and children, and what can be done. */
export function renderRun(detail: RunDetail, now: Instant, terminal: Screen): string[] {
  const { run, steps, children, question, approvedBy } = detail
  const ended =
    run.endedAt === null ? `${durationText(age(run.createdAt, now))} so far` : `ended ${minuteText(run.endedAt)}`
  return [
    `${stateText(run.state, terminal)}  ${styled(terminal, 'bold', printable(run.title))}  ${percent(run.share)}${detail.cancelRequested && !isOver(run.state) && run.state !== 'stopped' ? '  (is being canceled)' : ''}`,
    ...(run.reason === '' || question !== undefined || isSaidByStep(detail) ? [] : [printable(run.reason)]),
    ...(question === undefined
      ? []
      : [
          '',
          styled(terminal, 'bold', 'It asks'),
          ...printableLines(question.text)
            .split('\n')
            .map((line) => `  ${line}`),
          ...question.choices.map(
            (choice) => `  tiercel runs answer ${run.id} ${choice}   ${choiceSays[choice] ?? ''}`,
          ),
        ]),
    ...(steps.length === 0 ? [] : ['', ...steps.flatMap((step) => stepLines(step, detail, now, terminal))]),
    ...(children.length === 0 ? [] : ['', ...children.map((child) => childLine(child, terminal))]),
    '',
    `${run.procedure} ${run.id}, asked for by ${printable(run.requestedBy)} at ${minuteText(run.createdAt)}${approvedBy === undefined ? '' : `, approved by ${printable(approvedBy)}`}; ${ended}`,
    ...(detail.awaits ?? []).map(
      ({ action, choice, by, until }) =>
        `${printable(by)} has asked to ${action} it${choice === '' ? '' : ` (${printable(choice)})`}: done when a second person asks for the same before ${minuteText(until)}`,
    ),
    ...nextLines(run, { canUndo: steps.some(({ undo }) => undo.kind === 'undo') }),
  ]
}

/** What a run has failed of is mostly what its step says. */
export const isSaidByStep = ({ run, steps }: Pick<RunDetail, 'run' | 'steps'>): boolean =>
  steps.some(({ error, state }) => state === 'failed' && error !== undefined && run.reason.endsWith(error))

export const choiceSays: Readonly<Record<string, string>> = {
  'look-again': 'look anew, and go on by what is seen then',
  run: 'take it as not done yet, and run the step',
  undo: 'take back what was done, last step first',
  skip: 'leave this part as it is, and take back the others',
  leave: 'end the run, and leave everything as it is',
  'leave-at-work': 'end the run, though what it has begun may go on: its locks are free meanwhile',
}

function stepLines(step: RunStep, { live }: RunDetail, now: Instant, terminal: Screen): string[] {
  const { state, title, begunAt, finishedAt, error, result, attempts } = step
  const took = begunAt === undefined ? '' : `  ${durationText(age(begunAt, finishedAt ?? now))}`
  const note = howText(step)
  const again = attempts > 1 ? `  (attempt ${attempts})` : ''
  const mark = state === 'failed' ? styled(terminal, 'red', stepMarks.failed) : stepMarks[state]
  const isLive = live?.step === step.id
  return [
    `  ${mark} ${printable(title)}${took}${note === '' ? '' : `  (${note})`}${again}`,
    ...(isLive ? [`      ${progressText(live)}`] : []),
    ...(result === undefined || result === null ? [] : [`      result: ${printable(JSON.stringify(result))}`]),
    ...(error === undefined || state === 'done'
      ? []
      : printableLines(error)
          .split('\n')
          .map((line) => `      ${line}`)),
  ]
}

/** How a step came to be done, where that is worth a word: a step that only looks is done by looking. */
export function howText({ how, attempts, undo }: Pick<RunStep, 'how' | 'attempts' | 'undo'>): string {
  if (how !== 'look' || undo.kind === 'nothing') return ''
  return attempts === 0 ? 'was so already' : 'found done, by looking again'
}

/** `47 %, 3 of 8 files, 12 s left`. */
export function progressText({
  share,
  text,
  timeLeft,
}: {
  share?: number | undefined
  text?: string | undefined
  timeLeft?: RunStep['takes']
}): string {
  return [
    // What a step says of itself is often the share, of something.
    ...(share === undefined || text?.includes('%') === true ? [] : [percent(share)]),
    ...(text === undefined || text === '' ? [] : [printable(text)]),
    ...(timeLeft === undefined ? [] : [`${durationText(timeLeft)} left`]),
  ].join(', ')
}

const childLine = ({ state, title, share, reason, id }: RunSummary, terminal: Screen): string =>
  `  ${stateText(state, terminal).padEnd(terminal.colours ? 19 : 10)} ${percent(share).padStart(6)}  ${printable(title)}${reason === '' ? '' : `: ${printable(reason)}`}  ${styled(terminal, 'dim', id)}`

/** What an undo takes back: of the steps that were begun, the last one first; what is left is told too. */
export function undoLines({ run, steps, children }: RunDetail): string[] {
  const begun = steps.filter(({ state }) => state !== 'to do' && state !== 'undone').toReversed()
  return [
    `To take back of "${printable(run.title)}", the last first:`,
    ...begun.flatMap(({ title, undo }) => [
      `  ${printable(undo.kind === 'undo' ? undo.says : `${title}: nothing; ${undo.says}`)}`,
      ...undo.commands.map(({ host, command }) => `    ${printable(host)}$ ${printable(command)}`),
    ]),
    ...children.map(({ title, state }) => `  ${printable(title)} (${state})`),
    ...(begun.length + children.length === 0 ? ['  nothing: no step was begun'] : []),
    '',
  ]
}

/** What a person can do now. */
export function nextLines(
  { id, state, reason }: Pick<RunSummary, 'id' | 'state' | 'reason'>,
  { canUndo = false } = {},
): string[] {
  const command = (verb: string, says: string): string => `  tiercel runs ${verb} ${id}   ${says}`
  switch (state) {
    case 'planned':
      return ['', command('approve', 'as the second person: shows the plan, and asks'), command('leave', 'drop it')]
    case 'waiting':
    case 'running':
    case 'paused':
      return ['', command('watch', 'follow it'), command('cancel', 'stop it at the next boundary')]
    case 'stopped':
    case 'failed':
      return [
        '',
        command('resume', 'look, and go on where it was'),
        // Of a run that has done nothing there is nothing to take back.
        ...(reason.startsWith(notBegun) ? [] : [command('undo', 'take back what was done')]),
        command('leave', 'end it, and leave everything as it is'),
      ]
    case 'undoing':
      return ['', command('watch', 'follow it')]
    case 'succeeded':
      return canUndo ? ['', command('undo', 'take back what was done')] : []
    case 'asking':
    case 'undone':
    case 'left':
      return []
    default:
      return state satisfies never
  }
}

/** Every command of a run, as it was run, with its output. */
export function transcriptLines(commands: readonly TranscriptLine[], terminal: Screen): string[] {
  return commands.flatMap(({ host, command, at, took, exitCode, stdout, stderr, step }) => [
    styled(terminal, 'bold', `${printable(host)}$ ${printable(command)}`),
    `  ${iso(at)}, ${durationText(took)}, ${exitCode === null ? 'never ended by itself' : `exit status ${exitCode}`}, step ${printable(step)}`,
    ...outputLines('', stdout),
    ...outputLines('stderr: ', stderr),
  ])
}

const outputLines = (before: string, text: string): string[] =>
  text === ''
    ? []
    : printableLines(text.trimEnd())
        .split('\n')
        .map((line) => `  | ${before}${line}`)

const statuses = {
  planned: 3,
  asking: 3,
  waiting: 3,
  running: 3,
  paused: 3,
  undoing: 3,
  stopped: 1,
  failed: 1,
  undone: 1,
  left: 1,
  succeeded: 0,
} as const satisfies Record<RunState, number>

/** 0 succeeded; 1 failed, stopped, undone or left; 3 asks a person, or is not over. */
export const runStatus = (state: RunState): number => statuses[state]
