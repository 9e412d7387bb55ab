import { fstatSync, writeSync } from 'node:fs'
import { styleText } from 'node:util'

/** Where a command writes, and what that place can show. */
export interface Terminal {
  write(line: string): void
  error(line: string): void
  /** Colours only on a terminal, and never against NO_COLOR. */
  colours: boolean
  columns: number
  /** How many lines it shows at once; undefined where nobody can say. */
  rows?: number | undefined
  isInteractive: boolean
  /** Puts text into the line where the cursor stands, in the place of what was put there before. Only on a terminal. */
  overwrite?: (text: string) => void
}

/** The status for what could not be said or done, in `health` read as critical and by scripts as failure. */
const failed = 2

export function systemTerminal(): Terminal {
  const { stdout, stderr, env } = process
  // Whoever read us has gone (`| head`), or there is no room: without a listener, each is a stack trace and status 1.
  const cannotWrite = (error: NodeJS.ErrnoException): never => {
    if (error.code !== 'EPIPE') stderr.write(`tiercel: cannot write: ${error.message}\n`)
    process.exit(failed)
  }
  stdout.on('error', cannotWrite)
  stderr.on('error', () => undefined)
  const toFile = isFile(stdout.fd)
  const spelled = !stdout.isTTY || hasUnicode(env) ? (text: string) => text : inAscii
  return {
    write(line) {
      const text = spelled(`${line}\n`)
      try {
        if (toFile) writeWhole(stdout.fd, text)
        else stdout.write(text)
      } catch (error) {
        cannotWrite(error instanceof Error ? error : new Error(String(error)))
      }
    },
    error: (line) => void stderr.write(spelled(`${line}\n`)),
    colours: stdout.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    // A terminal that does not know its size says 0.
    get columns() {
      return stdout.isTTY ? stdout.columns || 80 : 100
    },
    get rows() {
      return stdout.isTTY && stdout.rows > 0 ? stdout.rows : undefined
    },
    isInteractive: stdout.isTTY,
    ...(stdout.isTTY
      ? { overwrite: (text: string) => void stdout.write(`\r\u001b[2K${text.slice(0, stdout.columns - 1)}`) }
      : {}),
  }
}

/** What the locale says of the characters that a terminal shows, as setlocale(3) looks for it; without a word, nobody objects. */
const hasUnicode = (env: NodeJS.ProcessEnv): boolean => {
  const said = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '') ?? 'C.UTF-8'
  return /utf-?8/i.test(said)
}

const ascii: Readonly<Record<string, string>> = {
  '…': '~',
  '·': '-',
  '×': 'x',
  '✓': '+',
  '✗': 'x',
  '▸': '>',
  '◂': '<',
  '↩': '<',
  '→': '>',
  '≥': '>=',
  '≤': '<=',
  '−': '-',
  '–': '-',
  '’': "'",
  '“': '"',
  '”': '"',
}

/** Our signs for a screen that has no others. */
const inAscii = (text: string): string => text.replaceAll(/[…·×✓✗▸◂↩→≥≤−–’“”]/g, (sign) => ascii[sign] ?? sign)

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile()
  } catch {
    return false
  }
}

/** Node's own stream for files takes a text of which half could be written for written (measured, Node 26.10, EFBIG). */
function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length; written += writeSync(fd, bytes, written));
}

type Style = Parameters<typeof styleText>[0]

/** Text in a style, where there are styles. */
export function styled({ colours }: Pick<Terminal, 'colours'>, style: Style, text: string): string {
  return colours ? styleText(style, text, { validateStream: false }) : text
}

/** Control characters, and those that turn the direction of text round so that it reads as something else. */
// oxlint-disable-next-line no-control-regex
const steering = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Names and messages come from disks, peers and files: what would steer a terminal is shown, not obeyed. */
export function printable(text: string): string {
  return text.replace(steering, (character) => {
    if (character === '\n') return '\\n'
    if (character === '\t') return '\\t'
    const code = character.charCodeAt(0)
    return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, '0')}`
  })
}

/** The same for a text of several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n')

/** The same for JSON, and for YAML with quotes, which are escaped by their own rules but for the range from DEL on. */
export const printableJson = (text: string): string =>
  text.replace(steering, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** How wide text is behind an indent: lines longer than 120 are not read. */
export const textWidth = ({ columns }: Pick<Terminal, 'columns'>, indent: number): number =>
  Math.max(16, Math.min(columns, 120) - indent)

/** Breaks a sentence into lines of at most `width`: at blanks, and a word that is longer wherever it has to be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
    for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width))
  }
  return [...lines, line]
}

/** At most `width` characters; what is left out is marked. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1)).trimEnd()}…`

/** The same for names: both ends stay, since the end tells them apart. */
export function middleCut(text: string, width: number): string {
  if (text.length <= width) return text
  const front = Math.ceil((width - 1) / 2)
  return `${text.slice(0, front)}…${text.slice(text.length - (width - 1 - front))}`
}

/** A picture that takes the place of the one before, on a terminal: never more than it has lines, and no flicker. */
export function picture(lines: readonly string[], { rows = 24 }: Pick<Terminal, 'rows'>): string {
  const shown = lines.slice(0, Math.max(1, rows - 1))
  return `\u001b[H${shown.map((line) => `${line}\u001b[K`).join('\n')}\u001b[J`
}

/** A table with aligned columns; the last one is not padded. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
