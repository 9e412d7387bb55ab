import { parseSync, Visitor } from 'oxc-parser'

/** What a file asks of other files. */
export interface Imports {
  /** As written: `../domain/pool.ts`, `zod`, `node:fs`; types count too. */
  readonly specifiers: readonly string[]
  /** Imports whose target is not written out, so that nobody can check them. */
  readonly unreadable: readonly string[]
  readonly hasDefaultExport: boolean
}

/** What was read last of a file: each rule asks for all of them. */
const known = new Map<string, { source: string; imports: Imports }>()

/** Every import of a TypeScript file: static, re-exported, dynamic, of types, and workers by URL. */
export function readImports(file: string, source: string): Imports {
  const before = known.get(file)
  if (before?.source === source) return before.imports
  const imports = parseImports(file, source)
  known.set(file, { source, imports })
  return imports
}

function parseImports(file: string, source: string): Imports {
  const { program, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message ?? ''}`)
  const specifiers: string[] = []
  const unreadable: string[] = []
  let hasDefaultExport = false
  const textAt = (start: number, end: number): string => source.slice(start, end)
  new Visitor({
    ImportDeclaration: (node) => {
      specifiers.push(node.source.value)
    },
    ExportAllDeclaration: (node) => {
      specifiers.push(node.source.value)
    },
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) specifiers.push(node.source.value)
    },
    TSImportType: (node) => {
      specifiers.push(node.source.value)
    },
    TSExternalModuleReference: (node) => {
      specifiers.push(node.expression.value)
    },
    ImportExpression: (node) => {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string') specifiers.push(node.source.value)
      else unreadable.push(textAt(node.start, node.end))
    },
    ExportDefaultDeclaration: () => {
      hasDefaultExport = true
    },
    ExportSpecifier: ({ exported }) => {
      const name = exported.type === 'Literal' ? exported.value : exported.name
      if (name === 'default') hasDefaultExport = true
    },
    NewExpression: (node) => {
      // A URL of a file elsewhere is a path, to a program to be started for example; only a worker takes it for code.
      const [url] = node.arguments
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'Worker' || url?.type !== 'NewExpression') return
      const [target] = url.arguments
      if (target?.type === 'Literal' && typeof target.value === 'string') specifiers.push(target.value)
    },
  }).visit(program)
  return { specifiers, unreadable, hasDefaultExport }
}
