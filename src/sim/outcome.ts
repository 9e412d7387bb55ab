/** How a program has ended. `hangs`: it waits in the kernel, and no signal ends it. */
export type Outcome = { exitCode: number; stdout: string; stderr: string } | 'hangs'

export const done = (stdout = ''): Outcome => ({ exitCode: 0, stdout, stderr: '' })
export const fails = (stderr: string): Outcome => ({ exitCode: 1, stdout: '', stderr: `${stderr}\n` })
export const usage = (why: string): Outcome => ({ exitCode: 2, stdout: '', stderr: `${why}\n` })

/** A line of a table as `-H -o COLUMN[,…]` prints it; `-` where there is nothing to tell. */
export const lineOf = (columns: string, cells: Record<string, string>): string =>
  `${columns
    .split(',')
    .map((column) => cells[column] ?? '-')
    .join('\t')}\n`
