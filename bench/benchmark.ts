/** One thing that is measured against its peer, in one run. */
export interface Benchmark {
  readonly name: string
  /** One line: what against what. */
  readonly title: string
  readonly run: (options: BenchmarkOptions) => Promise<Table>
}

export interface BenchmarkOptions {
  /** How many pins the peer holds: 100,000 unless told otherwise. */
  readonly pins: number
  readonly say: (line: string) => void
}

/** Rows of figures; the first cell names what was measured. */
export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export const secondsText = (milliseconds: number): string =>
  milliseconds < 10_000 ? `${(milliseconds / 1000).toFixed(2)} s` : `${(milliseconds / 1000).toFixed(1)} s`

export const ratioText = (ratio: number): string => (ratio >= 10 ? `${Math.round(ratio)} ×` : `${ratio.toFixed(2)} ×`)

export const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
