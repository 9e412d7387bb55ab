import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PracticeMarks } from '../../domain/ports/practice-marks.ts'

/** The marks in a folder of this agent alone. */
interface KeptMarks extends PracticeMarks {
  /** Removes what was half-written when an agent ended. While no other agent has this folder. */
  tidy(): Promise<void>
}

export function practiceMarks(folder: string): KeptMarks {
  const pathOf = (mark: string) => join(folder, mark)
  const find = async (mark: string): Promise<string | undefined> => {
    try {
      return await readFile(pathOf(mark), 'utf8')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }
  const namesThere = async (): Promise<string[]> => {
    try {
      return await readdir(folder)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }
  return {
    find,
    async list() {
      const names = await namesThere()
      const marks = await Promise.all(
        names
          .filter((name) => !name.endsWith(unfinished))
          .toSorted()
          .map(async (mark) => ({ mark, operation: await find(mark) })),
      )
      return marks.flatMap(({ mark, operation }) => (operation === undefined ? [] : [{ mark, operation }]))
    },
    async leave(mark, operation) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const beside = `${pathOf(mark)}${unfinished}`
      await using file = await open(beside, 'w', 0o600)
      await file.writeFile(operation)
      await file.sync()
      await rename(beside, pathOf(mark))
      await syncFolder(folder)
    },
    async take(mark) {
      try {
        await rm(pathOf(mark))
      } catch (error) {
        if (isMissing(error)) return false
        throw error
      }
      await syncFolder(folder)
      return true
    },
    async tidy() {
      const names = await namesThere()
      for (const name of names) if (name.endsWith(unfinished)) await rm(join(folder, name), { force: true })
    },
  }
}

/** No mark has a dot in its name. */
const unfinished = '.new'

/** A new or removed name is on the disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
