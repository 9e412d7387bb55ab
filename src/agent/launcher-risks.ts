import { realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What of a checkout decides what runs: whoever can change one of these decides what root runs. */
const started = ['.', 'bin', 'bin/tiercel', 'src', 'src/main.ts', 'node_modules', 'node_modules/node/bin/node']

/**
 * Why this checkout should not be what systemd starts: somebody else than root can change it, or the user tiercel cannot
 * reach it. One sentence each; none where all is well.
 */
export function launcherRisks(launcher: string): string[] {
  const checkout = dirname(dirname(realpathSync(launcher)))
  const paths = [...foldersAbove(checkout), ...started.map((name) => join(checkout, name))]
  return paths.flatMap((path) => {
    const found = statSync(path)
    const changers = changersOf(found)
    // Others must enter a folder, and read a file.
    const isClosed = (found.mode & (found.isDirectory() ? 0o001 : 0o004)) === 0
    return [
      ...(changers === undefined ? [] : [`${path} can be changed by ${changers}, and root will run it`]),
      ...(isClosed ? [`${path} is closed to the user tiercel, and the agent will not start`] : []),
    ]
  })
}

/** Who else than root may write; in a folder with the sticky bit (/tmp), nobody can take away what is another's. */
function changersOf({ uid, mode }: { uid: number; mode: number }): string | undefined {
  if (uid !== 0) return `the user with the id ${uid}`
  if ((mode & 0o1000) !== 0) return undefined
  if ((mode & 0o002) !== 0) return 'everybody'
  return (mode & 0o020) === 0 ? undefined : 'its group'
}

function foldersAbove(path: string): string[] {
  const above = dirname(path)
  return above === path ? [] : [...foldersAbove(above), above]
}
