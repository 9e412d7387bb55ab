import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import { OpsError, ProgramMissing } from '../domain/errors.ts'

/** nsenter(1) becomes the program itself: signals and exit status are the program's. */
const nsenter = ['nsenter', '--mount=/proc/1/ns/mnt', '--']

/**
 * Runs programs where the rest of the host sees what they mount and unmount. The executor's unit has mounts of its own
 * (`ProtectSystem=` and its like), and what changes there never comes back: docs/decisions/0043-mounts-of-the-executor.md.
 */
export function inHostMounts(exec: Exec): Exec {
  return async (file, args, options = {}) => {
    try {
      return await exec(file, args, { ...options, through: nsenter })
    } catch (error) {
      const says = error instanceof CommandFailed && /^nsenter: (.*)/.exec(error.stderr)?.[1]
      if (typeof says !== 'string') throw error
      if (says.startsWith('failed to execute')) {
        throw new ProgramMissing(`the program ${file} is not installed here`, `install ${file}`, { cause: error })
      }
      throw new NoHostMounts(
        `${file} was not run: the executor does not reach the mounts of the host (nsenter: ${says}). Where its unit is of an older release: sudo tiercel agent install`,
        { cause: error },
      )
    }
  }
}

/** Nothing was run. */
class NoHostMounts extends OpsError {
  readonly remedy = 'stop'
}
