import { NotPermitted, OpsError } from '../../domain/errors.ts'
import { CommandFailed, type Exec } from '../system/exec.ts'

/** The kernel module is not there: not installed, not built for this kernel, or not loaded. */
export class ZfsModuleNotLoaded extends OpsError {
  readonly remedy = 'ask'
}

/** The pool has stopped all I/O until a person acts; most commands on it are refused. */
export class PoolSuspended extends OpsError {
  readonly remedy = 'ask'
}

/** There is no pool of that name here, or none that is imported. */
export class NoSuchPool extends OpsError {
  readonly remedy = 'stop'
}

/** There is no dataset of that name, or its pool is not imported. */
export class NoSuchDataset extends OpsError {
  readonly remedy = 'stop'
}

/** Runs `zpool` or `zfs`, and names the failures that we know. Reads only: nothing here changes anything. */
export async function running(
  exec: Exec,
  program: 'zpool' | 'zfs',
  args: readonly string[],
  signal?: AbortSignal,
  onStdout?: (chunk: Buffer) => void,
): Promise<string> {
  try {
    return await exec(program, args, { signal, onStdout })
  } catch (error) {
    throw error instanceof CommandFailed ? namedFailure(error) : error
  }
}

type Named = (message: string, cause: CommandFailed) => OpsError

/**
 * What ZFS says on the first lines of stderr; the exit code tells nothing (the same failure gives 1, 2, 11 or 255,
 * depending on verb and release). Each pattern names the recorded runs that have seen it, or the source that prints it.
 */
const patterns: { seen: string; pattern: RegExp; named: Named }[] = [
  {
    seen: '2.1.11: K.zfsget, K.zfslist, K.scrub, K.snap, K.wait',
    pattern: /: pool I\/O is currently suspended$/m,
    named: (message, cause) => new PoolSuspended(message, { cause }),
  },
  {
    seen: '2.1.11, 2.3.2, 2.3.9: nosuch.list',
    pattern: /: no such pool(?: or dataset| available)?$/m,
    named: (message, cause) => new NoSuchPool(message, { cause }),
  },
  {
    seen: '2.1.11, 2.3.2, 2.3.9: nosuch.zfslist, P.list-partial',
    pattern: /: dataset does not exist$/m,
    named: (message, cause) => new NoSuchDataset(message, { cause }),
  },
  {
    seen: '2.1.11, 2.3.2: Q.scrub, Q.history, Q.events; libzfs_init of libzfs 2.1 to 2.4 says it with a capital',
    pattern: /: permission denied$|^Permission denied the ZFS utilities must be run as root/m,
    named: (message, cause) =>
      new NotPermitted(message, 'run it as root, or through the executor: tiercel agent install', { cause }),
  },
  {
    seen: 'libzfs_error_init of libzfs 2.1 to 2.4; not recorded: no guest without the module, or without /dev/zfs',
    pattern:
      /^The ZFS modules (?:are not loaded|cannot be auto-loaded)|^\/dev\/zfs and \/proc\/self\/mounts are required/m,
    named: (message, cause) => new ZfsModuleNotLoaded(message, { cause }),
  },
]

/** The failure by its name; the very same where nobody has named it. */
export function namedFailure(failed: CommandFailed): OpsError {
  const known = patterns.find(({ pattern }) => pattern.test(failed.stderr))
  return known === undefined ? failed : known.named(`${failed.file} ${failed.args[0] ?? ''} was refused`, failed)
}
