import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import { commandText } from '../domain/command-text.ts'
import type { RootCommand } from '../api/executor.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { age } from '../domain/units.ts'

/** For people; what is read by programs is not taken from here. */
const keptCharacters = 4096

/** The same, and each program that it runs is written down, with how it ended. */
export function recordCommands(exec: Exec, clock: Clock): { exec: Exec; commands: RootCommand[] } {
  const commands: RootCommand[] = []
  return {
    commands,
    async exec(file, args, options = {}) {
      const at = clock.now()
      let end: Parameters<NonNullable<typeof options.onEnd>>[0] = { exitCode: null, stdout: '', stderr: '' }
      try {
        const stdout = await exec(file, args, {
          ...options,
          onEnd(told) {
            end = told
          },
        })
        end = { ...end, exitCode: 0, stdout }
        return stdout
      } catch (error) {
        if (error instanceof CommandFailed) {
          const { exitCode, stdout, stderr } = error
          end = { exitCode, stdout, stderr }
        }
        throw error
      } finally {
        const { exitCode, stdout, stderr } = end
        const command = commandText(file, args)
        const took = age(at, clock.now())
        commands.push({ command, at, took, exitCode, stdout: bounded(stdout), stderr: bounded(stderr) })
      }
    },
  }
}

const bounded = (text: string): string =>
  text.length <= keptCharacters ? text : `${text.slice(0, keptCharacters)}… (${text.length} characters in all)`
