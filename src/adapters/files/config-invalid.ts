import { OpsError } from '../../domain/errors.ts'

/** One thing that is wrong in a file that a person wrote. */
export interface Problem {
  readonly file: string
  /** Both count from 1; undefined where the file as a whole is meant. */
  readonly line: number | undefined
  readonly column: number | undefined
  /** `hosts[1].stores[0].tier`; empty for the whole file. */
  readonly field: string
  /** What is wrong and what is allowed. Holds no value from the file, which might be a secret. */
  readonly message: string
}

/** How many problems the message spells out; `problems` holds all of them. */
const spelledOut = 50

/** A file that a person wrote cannot be used. All its problems are told at once. */
export class ConfigInvalid extends OpsError {
  readonly remedy = 'stop'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(summary(problems), options)
    this.problems = problems
  }
}

/** `tiercel.yaml:12:5: hosts[1].stores[0].tier: unknown tier …`: the form that editors and terminals make a link of. */
export function problemText({ file, line, column, field, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`
  return field === '' ? `${place}: ${message}` : `${place}: ${field}: ${message}`
}

function summary(problems: readonly Problem[]): string {
  const [first] = problems
  if (first === undefined || (problems.length === 1 && first.line === undefined))
    return problems.map(problemText).join()
  const more = problems.length - spelledOut
  return [
    `${first.file} has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}:`,
    ...problems.slice(0, spelledOut).map((problem) => `  ${problemText(problem)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n')
}
