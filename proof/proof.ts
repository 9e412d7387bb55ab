/** A claim that takes too long, or too much, for every run of the tests. Its figures are recorded in docs/proofs.md. */
export interface Proof {
  readonly name: string
  /** One line: what is claimed. */
  readonly title: string
  /** Throws when the claim does not hold. */
  readonly run: (options: ProofOptions) => Promise<Figures>
}

export interface ProofOptions {
  /** How much of the whole proof to run, 0 to 1. CI runs a tenth. */
  readonly share: number
  /** The same seed makes the same choices. */
  readonly seed: number
  /** Where the controller of a proof keeps its runs. */
  readonly store: 'sqlite' | 'postgresql'
  readonly say: (line: string) => void
}

/** What was seen, for docs/proofs.md: `health: 1.2 s`. */
export type Figures = Readonly<Record<string, string | number>>

/** A claim does not hold. */
export class Disproved extends Error {
  override readonly name = 'Disproved'
}

/** Goes on only where the claim holds. */
export function claim(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Disproved(what)
}
