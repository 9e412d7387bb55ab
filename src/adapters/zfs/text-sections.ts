import { isListHeader } from './error-list.ts'
import { badStateInProse, NotUnderstood } from './words.ts'

/** `status: One or more …` with what follows it; the first line is what stands behind the colon. */
export interface Section {
  header: string
  lines: string[]
}

/** The sections of one pool, in order, beginning with `pool`. */
export type PoolSections = [Section, ...Section[]]

const headerShape = /^ {0,6}([a-z][a-z ]{0,30}):(?: (.*))?$/s
// `-T u`, and `-T d` in the C locale and in English ones.
const timestamp =
  /^(?:\d{9,11}|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8}(?: [A-Z]{3,5})? \d{4}|[A-Z][a-z]{2} \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} [AP]M [A-Z]{3,5})$/
const onceOnly = new Set(['pool', 'state', 'status', 'action', 'see', 'config'])

/**
 * Splits the text of `zpool status` into pools and sections, looking at each line once. Refuses what stands where nothing
 * should: it may be the rest of something that a broken text has lost.
 */
export function splitPools(text: string): PoolSections[] {
  const pools: PoolSections[] = []
  let open: Section | undefined
  let previousIsBlank = true
  for (const line of linesOf(text)) {
    const isBlank = line.trim() === ''
    const match = isBlank ? null : headerShape.exec(line)
    const isHeader = match !== null && mayOpen(match[1] ?? '', open, previousIsBlank)
    previousIsBlank = isBlank
    if (isHeader) {
      open = { header: match[1] ?? '', lines: [match[2] ?? ''] }
      place(open, pools)
    } else if (open !== undefined && isOpen(open)) {
      open.lines.push(line)
    } else if (!isBlank && !timestamp.test(line) && line !== 'no pools available') {
      throw new NotUnderstood(misplaced(line, pools.length))
    }
  }
  for (const section of pools.flat()) inspect(section)
  return pools
}

/** Colours (ZFS_COLOR) and carriage returns carry no meaning here. */
function linesOf(text: string): string[] {
  // oxlint-disable-next-line no-control-regex -- ESC begins a colour
  const plain = text.includes('\u001B') ? text.replaceAll(/\u001B\[[0-9;]{0,8}m/g, '') : text
  return plain.replaceAll('\r\n', '\n').split('\n')
}

/** Whether a line that looks like a header is one: in a list of files it may be a part of a file's name. */
function mayOpen(header: string, open: Section | undefined, previousIsBlank: boolean): boolean {
  if (open === undefined || open.header !== 'errors' || !isListHeader(open.lines[0] ?? '')) return true
  return previousIsBlank && (header === 'pool' || header === 'dedup')
}

function place(section: Section, pools: PoolSections[]): void {
  if (section.header === 'pool') {
    pools.push([section])
    return
  }
  const pool = pools.at(-1)
  if (pool === undefined) throw new NotUnderstood(`\`${section.header}:\` stands before the first \`pool:\``)
  if (onceOnly.has(section.header) && pool.some(({ header }) => header === section.header)) {
    throw new NotUnderstood(`\`${section.header}:\` stands twice under pool ${pool[0].lines[0]}`)
  }
  pool.push(section)
}

/** Whether more lines may belong to the section: a table ends with a blank line, an errors line with itself. */
function isOpen({ header, lines }: Section): boolean {
  if (header === 'pool' || header === 'state') return false
  if (header === 'errors') return isListHeader(lines[0] ?? '')
  if (header !== 'config') return true
  return !(lines.length > 2 && lines.at(-1)?.trim() === '' && lines.slice(0, 3).some((line) => line.includes('STATE')))
}

/** A state word, or a header, inside of prose is a sign of a text that was mixed up. */
function inspect({ header, lines }: Section): void {
  if (header === 'config' || header === 'state' || header === 'pool') return
  const prose = header === 'errors' && isListHeader(lines[0] ?? '') ? [] : lines
  for (const [index, line] of prose.entries()) {
    const word = badStateInProse(line)
    if (word !== undefined) throw new NotUnderstood(`${word} stands in the section \`${header}:\``)
    if (index > 0 && /^\s{0,16}(?:pool|state|config|errors):/.test(line)) {
      throw new NotUnderstood(`a header stands inside of the section \`${header}:\``)
    }
  }
}

function misplaced(line: string, poolsSoFar: number): string {
  if (/^(?:all pools are healthy|pool '.*' is healthy)$/s.test(line)) {
    return 'this is the output of `zpool status -x`, which tells nothing about a pool'
  }
  const shown = line.slice(0, 120)
  return poolsSoFar === 0
    ? `it begins with ${JSON.stringify(shown)}, not with a pool`
    : `${JSON.stringify(shown)} stands where a new section should begin`
}
