/** A word of a command line as bash reads it. */
export interface BashWord {
  /** As typed, quotes and all. */
  raw: string
  value: string
  /** The quote that is still open at its end. */
  open: '"' | "'" | undefined
}

/**
 * The words of a line up to the cursor, the last one unfinished (empty behind a blank). Only quoting is read: nothing is
 * expanded, and an operator such as `|` begins anew behind it.
 */
export function bashWords(line: string): BashWord[] {
  let words: BashWord[] = []
  let word: BashWord = { raw: '', value: '', open: undefined }
  const end = () => {
    if (word.raw !== '') words.push(word)
    word = { raw: '', value: '', open: undefined }
  }
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] ?? ''
    if (word.open === undefined && /\s/.test(character)) {
      end()
    } else if (word.open === undefined && /[|&;()<>]/.test(character)) {
      end()
      words = []
    } else if (character === '\\' && word.open !== "'" && index + 1 < line.length) {
      index += 1
      const next = line[index] ?? ''
      // Between double quotes a backslash stands for itself before most characters.
      const isKept = word.open === '"' && !/["\\$`]/.test(next)
      word = { ...word, raw: `${word.raw}\\${next}`, value: `${word.value}${isKept ? '\\' : ''}${next}` }
    } else if (character === word.open) {
      word = { ...word, raw: word.raw + character, open: undefined }
    } else if (word.open === undefined && (character === '"' || character === "'")) {
      word = { ...word, raw: word.raw + character, open: character }
    } else {
      word = { ...word, raw: word.raw + character, value: word.value + character }
    }
  }
  const [first, ...rest] = [...words, word]
  // `TIERCEL_FLEET=x tiercel …`: the variables before a command are none of its words.
  return first !== undefined && rest.length > 0 && /^\w+=/.test(first.raw)
    ? bashWords(rest.map(({ raw }) => raw).join(' '))
    : [...words, word]
}

/**
 * A candidate as COMPREPLY wants it: quoted as the word has begun, and without what bash takes for a word before it
 * (COMP_WORDBREAKS holds `:`, `=` and `@`). `current` is bash's own idea of the word.
 */
export function bashReply(value: string, word: BashWord, current: string): string {
  if (word.open !== undefined) return value
  const quoted = value.replaceAll(/[^\w@%+=:,./-]/g, String.raw`\$&`)
  const kept = /^[=:@]+$/.test(current) ? '' : current
  const before = word.raw.endsWith(kept) ? word.raw.slice(0, word.raw.length - kept.length) : ''
  return quoted.startsWith(before) ? quoted.slice(before.length) : quoted
}
