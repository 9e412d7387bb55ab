import { CommandFailed, type Exec } from '../system/exec.ts'

/**
 * Lists or searches files by a child, which a root file system on a hanging pool cannot keep us from outliving. Paths that
 * do not exist are no failure: most hosts miss some of those that we ask for. `find` and `grep` exit 1 or 2 then, and say so.
 */
export async function output(
  exec: Exec,
  file: 'find' | 'grep' | 'od',
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  try {
    return await exec(file, args, { signal })
  } catch (error) {
    if (error instanceof CommandFailed && error.exitCode !== null && onlyMissing(error, file)) return error.stdout
    throw error
  }
}

/** grep exits 1 when nothing matches. */
function onlyMissing({ exitCode, stderr }: CommandFailed, file: string): boolean {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) return file === 'grep'
  return (exitCode === 1 || exitCode === 2) && lines.every((line) => line.endsWith(': No such file or directory'))
}
