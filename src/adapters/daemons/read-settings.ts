import { join } from 'node:path'
import { NotPermitted, UnexpectedOutput } from '../../domain/errors.ts'
import { seconds } from '../../domain/units.ts'
import type { Executor } from '../agent/executor-client.ts'
import { CommandFailed, type Exec } from '../system/exec.ts'
import { FileSettings } from './service-settings.ts'

/** The command that reads one folder: ourselves, in a process that may hang alone. */
export function readSettingsCommand(folder: string): { file: string; args: string[] } {
  const main = join(import.meta.dirname, '../../main.ts')
  return { file: process.execPath, args: [main, 'executor', 'read-settings', '--', folder] }
}

/** What the command printed, as settings. The text holds no secret any more. */
export function parseSettings(stdout: string): FileSettings {
  let json: unknown
  try {
    json = JSON.parse(stdout)
  } catch (cause) {
    throw new UnexpectedOutput('the settings of the Cluster peer are not understood', stdout.slice(0, 1000), { cause })
  }
  const parsed = FileSettings.safeParse(json)
  if (parsed.success) return parsed.data
  throw new UnexpectedOutput('the settings of the Cluster peer are not understood', stdout.slice(0, 1000))
}

/** Reads the settings of a store's Cluster peer: by the executor, or with the rights of this process. */
export function settingsReader(options: {
  exec: Exec
  executor: Executor | undefined
  isRoot: boolean
}): (store: string, folder: string, signal?: AbortSignal) => Promise<FileSettings> {
  const { exec, executor, isRoot } = options
  return async (store, folder, signal) => {
    if (!isRoot && executor !== undefined) return parseSettings(await executor.clusterSettings({ store }, signal))
    const { file, args } = readSettingsCommand(folder)
    try {
      return parseSettings(await exec(file, args, { signal, deadline: seconds(25), maxBytes: 1024 * 1024 }))
    } catch (error) {
      if (error instanceof CommandFailed && error.stderr.includes('(EACCES)')) {
        throw new NotPermitted(
          `service.json in ${folder} may be read by its owner and root only`,
          'run it as root, or install agent and executor: sudo tiercel agent install',
        )
      }
      throw error
    }
  }
}
