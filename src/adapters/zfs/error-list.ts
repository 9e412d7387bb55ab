/** What an `errors:` section says. `unknown` keeps the wording of one that we cannot count. */
export interface ErrorList {
  count: number | null
  paths: string[]
  unknown: string[]
}

/**
 * The `errors:` sections of one pool; usually one, none for a suspended pool (missing is not "none": null), two where
 * stderr went into the same file (`List of errors unavailable: …` and then `N data errors`).
 *
 * With `-v` ZFS prints objects, not how many errors there are: the count is that of the lines. A file name with a newline
 * in it gives two lines; there is no telling (JSON is exact). A list without a line (OpenZFS commit 6839ec6f10) has no
 * count: never 0.
 */
export function parseErrorSections(sections: readonly (readonly string[])[]): ErrorList {
  const lists = sections.map((lines) => parseErrors(lines))
  const counts = lists.map((list) => list.count)
  const largest = counts.reduce<number>((most, count) => Math.max(most, count ?? 0), 0)
  return {
    count: largest > 0 ? largest : counts.length > 0 && counts.every((count) => count === 0) ? 0 : null,
    paths: lists.flatMap((list) => list.paths),
    unknown: lists.flatMap((list) => list.unknown),
  }
}

/** The header of the list that `-v` prints. */
export const isListHeader = (text: string): boolean =>
  text.trim() === 'Permanent errors have been detected in the following files:'

function parseErrors([head = '', ...rest]: readonly string[]): ErrorList {
  // To the letter: this is the only line that means "none".
  if (head === 'No known data errors') return { count: 0, paths: [], unknown: [] }
  const text = head.trim()
  const counted = /^(\d{1,20}) data errors, use '-v' for a list$/.exec(text)
  if (counted !== null) return { count: Number(counted[1]) || null, paths: [], unknown: [] }
  if (isListHeader(text)) {
    const paths = rest.filter((line) => line.trim() !== '').map((line) => line.replace(/^(?: {8}|\t)/, ''))
    return { count: paths.length || null, paths, unknown: [] }
  }
  return { count: null, paths: [], unknown: [text] }
}
