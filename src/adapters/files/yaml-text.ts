import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  type YAMLError,
} from 'yaml'

/** More aliases to one anchor than any file of ours needs; it bounds what a few lines can grow to. */
const mostAliases = 100

/** A place in a text; both count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Something that the syntax, not a schema, forbids. */
export interface SyntaxProblem extends Place {
  readonly message: string
}

const tooDeep: SyntaxProblem = { line: 1, column: 1, message: 'the file is nested too deeply' }

export type Path = readonly PropertyKey[]

/** A YAML text as plain data, with the place of everything in it. */
export interface ParsedYaml {
  readonly data: unknown
  /** Where the value at `path` begins; where it is missing, its nearest ancestor. */
  placeOf(path: Path): Place
  /** Where a key of the map at `path` stands. */
  placeOfKey(path: Path, key: string): Place
}

/** Reads one YAML 1.2 document. Refused: syntax errors, duplicate keys, unknown tags, a second document, too many aliases. */
export function parseYamlText(text: string): ParsedYaml | readonly SyntaxProblem[] {
  const lines = new LineCounter()
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })
    const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : []
    const [document, second] = documents
    const problems = documents
      .flatMap(({ errors, warnings }) => [...errors, ...warnings])
      .map((error) => ({ ...place(error.pos[0]), message: syntaxMessage(error, text) }))
    if (second !== undefined) {
      problems.push({ ...place(second.range[0]), message: 'a second document begins here; only one is allowed' })
    }
    // The parser reports its own exhausted stack as a syntax error, once for every level that it gives up.
    if (problems.some(({ message }) => message.includes('call stack'))) return [tooDeep]
    if (problems.length > 0) return problems
    if (document === undefined || document.contents === null) {
      return [{ line: 1, column: 1, message: 'the file is empty' }]
    }
    return { data: document.toJS({ maxAliasCount: mostAliases }), ...places(document, place) }
  } catch (error) {
    if (error instanceof RangeError) return [tooDeep]
    if (error instanceof ReferenceError) {
      return [{ line: 1, column: 1, message: `aliases (*name) cannot be resolved: ${error.message}` }]
    }
    throw error
  }
}

function syntaxMessage({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'TAB_AS_INDENT') return 'a tab indents here; YAML allows spaces only'
  if (code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]*/.exec(text.slice(pos[0], pos[0] + 100))?.[0] ?? ''
    return `the key ${key} stands twice in this map; keys are unique`
  }
  return `not valid YAML: ${message}`
}

/** Where a node begins; undefined for what the parser made up, such as the value of a key without one. */
const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)

function pairOf(node: unknown, key: PropertyKey): Pair | undefined {
  if (!isMap(node)) return undefined
  return node.items.find((pair) => (isScalar(pair.key) ? String(pair.key.value) : String(pair.key)) === String(key))
}

function places(document: Document.Parsed, place: (offset: number) => Place): Omit<ParsedYaml, 'data'> {
  const resolve = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node)
  const step = (node: unknown, key: PropertyKey): { child: unknown; start: number | undefined } | undefined => {
    const parent = resolve(node)
    if (isSeq(parent)) {
      const child: unknown = parent.items[Number(key)]
      return child === undefined ? undefined : { child, start: startOf(child) }
    }
    const pair = pairOf(parent, key)
    if (pair === undefined) return undefined
    // An empty value stands nowhere but behind its key.
    const isEmpty = isScalar(pair.value) && pair.value.value === null && pair.value.source === ''
    return { child: pair.value, start: isEmpty ? startOf(pair.key) : startOf(pair.value) }
  }
  const walk = (path: Path): { node: unknown; start: number } => {
    let node: unknown = document.contents
    let start = startOf(node) ?? 0
    for (const key of path) {
      const next = step(node, key)
      if (next === undefined) return { node: undefined, start }
      node = next.child
      start = next.start ?? start
    }
    return { node, start }
  }
  return {
    placeOf: (path) => place(walk(path).start),
    placeOfKey(path, key) {
      const { node, start } = walk(path)
      return place(startOf(pairOf(resolve(node), key)?.key) ?? start)
    },
  }
}
