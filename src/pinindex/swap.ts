import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Meta } from './meta.ts'
import { sealedText } from './sealed-file.ts'

// The folder of one index: `current` holds the name of the generation that counts; `building` is one that is being made.
// Every step is synced before the next one begins: at any moment, a cut leaves the old generation or the new one, whole.

export const buildingFolder = (folder: string): string => join(folder, 'building')

const generation = /^generation-\d+-[0-9a-f]+$/

/** The folder of the generation that counts; undefined where there is none. */
export function currentGeneration(folder: string): string | undefined {
  let name: string
  try {
    name = readFileSync(join(folder, 'current'), 'utf8').trim()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
  return generation.test(name) ? join(folder, name) : undefined
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')

/** Makes what was built the generation that counts, and removes the ones before. */
export function putInPlace(folder: string, meta: Meta): void {
  const building = buildingFolder(folder)
  writeSynced(join(building, 'meta.json'), sealedText(JSON.stringify(meta)))
  for (const name of readdirSync(building)) {
    if (!/^(records|sets|odd|exceptions|meta\.json)$/.test(name)) rmSync(join(building, name))
  }
  syncFolder(building)
  const name = `generation-${meta.summary.readAt}-${process.hrtime.bigint().toString(16)}`
  renameSync(building, join(folder, name))
  syncFolder(folder)
  // A folder in its place cannot be replaced by a file.
  if (isFolder(join(folder, 'current'))) rmSync(join(folder, 'current'), { recursive: true })
  replaceFile(join(folder, 'current'), `${name}\n`)
  for (const other of readdirSync(folder)) {
    if (generation.test(other) && other !== name) rmSync(join(folder, other), { recursive: true, force: true })
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Writes a whole file anew: a cut leaves the old content or the new, and one after it the new. */
export function replaceFile(path: string, content: string): void {
  rmSync(`${path}.new`, { recursive: true, force: true })
  writeSynced(`${path}.new`, content)
  renameSync(`${path}.new`, path)
  syncFolder(dirname(path))
}

function writeSynced(path: string, content: string): void {
  const file = openSync(path, 'w', 0o600)
  try {
    writeFileSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
