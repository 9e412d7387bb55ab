import type { Table } from './benchmark.ts'

/** A table in Markdown, as docs/benchmarks.md has it. */
export function table({ header, rows }: Table): string[] {
  return [line(header), line(header.map(() => '---')), ...rows.map(line)]
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
