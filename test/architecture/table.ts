/** One row of the table of parts in ARCHITECTURE.md. */
export interface Part {
  readonly name: string
  /** Where its files lie: a folder that ends in `/`, or one file. */
  readonly place: string
  /** Names of parts and of npm packages; `node:` stands for all modules of Node. */
  readonly mayImport: ReadonlySet<string>
}

const header = /^\|\s*part\s*\|\s*what it is\s*\|\s*may import\s*\|\s*$/

/** Reads the table *part | what it is | may import*. The first cell is `**name** \`place\``, the last a list of names. */
export function parseParts(markdown: string): Part[] {
  const lines = markdown.split('\n')
  const start = lines.findIndex((line) => header.test(line))
  if (start === -1) throw new Error('ARCHITECTURE.md has no table "part | what it is | may import"')
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'))
  return lines.slice(start + 2, end === -1 ? undefined : end).map((line) => parseRow(line))
}

function parseRow(line: string): Part {
  const [first = '', , third] = line.split('|').slice(1, -1)
  const match = /^\*\*([a-z]+)\*\* `([^`]+)`$/.exec(first.trim())
  if (match === null || third === undefined) throw new Error(`a row of ARCHITECTURE.md cannot be read: ${line}`)
  const [, name = '', place = ''] = match
  const names = third.trim()
  return { name, place, mayImport: new Set(names === 'nothing' ? [] : names.split(',').map(unquote)) }
}

const unquote = (name: string): string => name.trim().replaceAll('`', '')

/** The part a file belongs to: the one with the longest matching place. */
export function partOf(parts: readonly Part[], file: string): Part | undefined {
  return parts
    .filter(({ place }) => (place.endsWith('/') ? file.startsWith(place) : file === place))
    .toSorted((a, b) => b.place.length - a.place.length)[0]
}
