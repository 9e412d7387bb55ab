const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** Milliseconds as they are written in our files, in the largest unit that gives a whole number: `35d`. */
export function durationInFile(milliseconds: number): string {
  const [unit, size] = units.find(([, each]) => milliseconds > 0 && milliseconds % each === 0) ?? ['ms', 1]
  return `${milliseconds / size}${unit}`
}

/** A share as it is written in our files: `80%`. */
export function percentInFile(share: number): string {
  return `${Number((share * 100).toFixed(6))}%`
}
