import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { NotPermitted } from '../../domain/errors.ts'

/**
 * Writes a file under a name that is free, for its owner alone: whole and on disk, or not at all. One that has just this text
 * already is left as it is; one with another text is never written over. Gives its path.
 */
export async function writeOnce(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name)
  const beside = `${path}.new`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await rm(beside, { force: true })
    {
      await using file = await open(beside, 'wx', 0o600)
      await file.writeFile(text)
      await file.sync()
    }
    await link(beside, path).catch(async (error: unknown) => {
      if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) throw error
    })
    await rm(beside)
    await using entry = await open(folder, 'r')
    await entry.sync()
    return path
  } catch (cause) {
    throw new NotPermitted(
      `cannot write ${path}`,
      'Name a folder that its user may write, with room, where it is not yet.',
      {
        cause,
      },
    )
  }
}
