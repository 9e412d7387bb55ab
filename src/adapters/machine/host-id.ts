import { UnexpectedOutput } from '../../domain/errors.ts'
import type { Exec } from '../system/exec.ts'
import { output } from './find-files.ts'

/** Four bytes, in the order of this machine (zgenhostid(8)); od reads them in that order too. */
export const hostIdArgs: readonly string[] = ['-A', 'n', '-v', '-t', 'x4', '-N', '8', '/etc/hostid']

/** The identity by which ZFS tells hosts apart. */
export async function readHostId(exec: Exec, signal?: AbortSignal): Promise<string | null> {
  return parseHostId(await output(exec, 'od', hostIdArgs, signal))
}

/** ` 9f2a1c07`; nothing where the file is missing. All zero is "none" to ZFS. */
export function parseHostId(stdout: string): string | null {
  const text = stdout.trim()
  if (text === '') return null
  const [, id] = /^([0-9a-f]{8})$/.exec(text) ?? []
  if (id === undefined) throw new UnexpectedOutput('/etc/hostid does not hold four bytes', stdout)
  return id === '00000000' ? null : id
}
