import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { procedures } from '../../src/procedures/index.ts'
import { operationNamed, operations } from '../../src/operations/registry.ts'

/** So many files and lines one procedure with its operations may have, unless the head of its file says why. */
export const most = { lines: 350, files: 6 }

/** What stands in the head of a procedure that is larger, with the reason behind it. */
const reason = /^\/\/ Larger than most: (.+)$/m

export interface Size {
  name: string
  files: number
  lines: number
  /** Why it is larger than most; undefined where nothing is said. */
  why?: string | undefined
}

const source = join(import.meta.dirname, '../../src')
const linesOf = (path: string): number => readFileSync(path, 'utf8').trimEnd().split('\n').length

/** Every operation, with its one file. */
export const operationSizes = (): Size[] =>
  operations.map(({ kind }) => ({ name: kind, files: 1, lines: linesOf(operationFile(kind)) }))

const operationFile = (kind: string): string => join(source, `operations/${kind}.ts`)

/** Every procedure: the files of its folder without tests, and the operations that they import. What several share is not counted. */
export function procedureSizes(folder = join(source, 'procedures')): Size[] {
  const imports = readFileSync(join(folder, 'index.ts'), 'utf8')
  return procedures.map(({ name }) => {
    const place = new RegExp(`from '\\./([a-z-]+/${name}\\.ts)'`).exec(imports)?.[1]
    if (place === undefined) throw new Error(`${name} is not imported from a folder of src/procedures by its index.ts`)
    return sizeOf(name, join(folder, place))
  })
}

/** The files of the folder that a procedure reaches from its own file, and the operations among what they import. */
export function sizeOf(name: string, file: string): Size {
  const [files, waiting] = [new Set<string>(), [file]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (files.has(next)) continue
    files.add(next)
    for (const [, path = ''] of readFileSync(next, 'utf8').matchAll(/from '(\.[^']+\.ts)'/g)) {
      const found = join(dirname(next), path)
      const isOperation = operationNamed(relative(join(source, 'operations'), found).replace(/\.ts$/, '')) !== undefined
      if (dirname(found) === dirname(file) || isOperation) waiting.push(found)
    }
  }
  const lines = [...files].reduce((sum, path) => sum + linesOf(path), 0)
  return { name, files: files.size, lines, why: reason.exec(readFileSync(file, 'utf8'))?.[1] }
}

/** Those that are larger than most, and do not say why. */
export const tooLarge = (sizes: readonly Size[]): Size[] =>
  sizes.filter(({ files, lines, why }) => why === undefined && (files > most.files || lines > most.lines))

/** How many folders of procedures there are: none may be forgotten by the registry. */
export const procedureFolders = (folder = join(source, 'procedures')): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() && entry.name !== 'parts' ? [entry.name] : [],
  )

/** A table for the reference. */
export const sizesTable = (sizes: readonly Size[]): string =>
  [
    '| name | files | lines |',
    '| --- | --- | --- |',
    ...sizes.map(({ name, files, lines }) => `| \`${name}\` | ${files} | ${lines} |`),
  ].join('\n')
