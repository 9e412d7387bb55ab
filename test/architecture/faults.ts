import { posix } from 'node:path'
import { readImports } from './imports.ts'
import { type Part, partOf } from './table.ts'

/** The files of the tree: path from its root → text. */
export type Sources = ReadonlyMap<string, string>

const longestFile = 300
/** What tests that lie beside the code may import on top of their part's row. */
const testKit = new Set(['vitest', 'fast-check', 'node:', 'test'])
const runsPrograms = /^src\/adapters\/system\/[a-z-]*exec[a-z-]*\.ts$/

const isTest = (file: string): boolean => file.endsWith('.test.ts')

/** A row may name only rows above it: so there is no cycle between parts. */
export function tableFaults(parts: readonly Part[]): string[] {
  const names = parts.map(({ name }) => name)
  return parts.flatMap((part, row) =>
    [...part.mayImport]
      .filter((name) => names.indexOf(name) >= row)
      .map((name) => `the row ${part.name} names ${name}, which is not above it`),
  )
}

/** Files in no part, and imports that the row of their part does not allow. */
export function importFaults(parts: readonly Part[], sources: Sources): string[] {
  return [...sources].flatMap(([file, source]) => {
    const part = partOf(parts, file)
    if (part === undefined) return [`${file} is in no part`]
    const { specifiers, unreadable } = readImports(file, source)
    return [
      ...unreadable.map((text) => `${file} → ${text} cannot be read: write the target out`),
      ...specifiers.flatMap((specifier) => {
        const target = targetOf(file, specifier)
        const name = target.file === undefined ? target.package : partOf(parts, target.file)?.name
        if (name === part.name || (name !== undefined && part.mayImport.has(name))) return []
        if (name !== undefined && isTest(file) && testKit.has(name)) return []
        return [`${file} → ${target.file ?? specifier}`]
      }),
    ]
  })
}

/** Files that import each other round about: by types, on demand or as a worker too. One way round each. */
export function circleFaults(sources: Sources): string[] {
  const ends = new Map<string, 'open' | 'done'>()
  const path: string[] = []
  const found: string[] = []
  const follow = (file: string): void => {
    const end = ends.get(file)
    if (end === 'open') found.push([...path.slice(path.indexOf(file)), file].join(' → '))
    const source = sources.get(file)
    if (end !== undefined || source === undefined) return
    ends.set(file, 'open')
    path.push(file)
    for (const specifier of new Set(readImports(file, source).specifiers)) {
      const target = targetOf(file, specifier).file
      if (target !== undefined) follow(target)
    }
    path.pop()
    ends.set(file, 'done')
  }
  for (const file of sources.keys()) follow(file)
  return found
}

function targetOf(file: string, specifier: string): { file: string } | { file: undefined; package: string } {
  if (specifier.startsWith('.')) return { file: posix.join(posix.dirname(file), specifier) }
  if (specifier.startsWith('node:')) return { file: undefined, package: 'node:' }
  const [scope = '', name = ''] = specifier.split('/')
  return { file: undefined, package: scope.startsWith('@') ? `${scope}/${name}` : scope }
}

/** Rules about single files that the linter cannot see, or that must not depend on its configuration. */
export function fileFaults(sources: Sources): string[] {
  return [...sources].flatMap(([file, source]) => {
    const { specifiers, hasDefaultExport } = readImports(file, source)
    const lines = source.trimEnd().split('\n').length
    return [
      ...(file.startsWith('src/') && !isTest(file) && lines > longestFile
        ? [`${file} has ${lines} lines; ${longestFile} are allowed`]
        : []),
      ...(file.startsWith('src/') &&
      !isTest(file) &&
      !runsPrograms.test(file) &&
      specifiers.some((specifier) => /^(node:)?child_process$/.test(specifier))
        ? [`${file} starts programs; only src/adapters/system/exec.ts does`]
        : []),
      ...(hasDefaultExport && !file.endsWith('.config.ts') ? [`${file} has a default export`] : []),
    ]
  })
}

/** Text that belongs to one machine. `words` are found anywhere, whatever their case. */
export function machineFaults(texts: Sources, words: readonly string[]): string[] {
  return [...texts].flatMap(([file, text]) => {
    const lower = text.toLowerCase()
    return words.filter((word) => lower.includes(word.toLowerCase())).map((word) => `${file} names ${word}`)
  })
}
