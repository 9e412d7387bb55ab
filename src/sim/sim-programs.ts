import { commandText } from '../domain/command-text.ts'
import { Stuck } from '../domain/errors.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { milliseconds, seconds } from '../domain/units.ts'
import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import { pause } from '../observe/pause.ts'
import type { Outcome } from './outcome.ts'
import { runZfs } from './sim-zfs.ts'
import { runZpool } from './sim-zpool.ts'
import type { SimHostState, World } from './world.ts'

/** What a program on a simulated host does at once. `by`: an operation's id, written beside its effects, or nothing. */
export function runProgram(
  world: World,
  host: SimHostState,
  { file, args, by }: { file: string; args: readonly string[]; by: string },
): Outcome {
  if (file === 'zpool') return runZpool(world, host, args, by)
  if (file === 'zfs') return runZfs(world, host, args, by)
  return {
    exitCode: 127,
    stdout: '',
    stderr: `${file}: command not found: src/sim/sim-programs.ts has no such program\n`,
  }
}

/** The programs of a simulated host, as our own processes run them, in the world's time. */
export function simExec(
  world: World,
  host: SimHostState,
  { by, clock }: { by: string; clock: Pick<Clock, 'after'> },
): Exec {
  return async (file, args, { deadline = seconds(30), onEnd } = {}) => {
    const text = commandText(file, args)
    const { hanging, delay } = host.changing
    const stuck = hanging.find((one) => one.file === file)
    if (stuck !== undefined) {
      throw new Stuck(`${text} was not started: ${commandText(stuck.file, stuck.args)} hangs and cannot be killed`)
    }
    if (delay > 0) await pause(clock, milliseconds(delay))
    const ended = runProgram(world, host, { file, args, by })
    if (ended === 'hangs') {
      hanging.push({ file, args: [...args], by })
      await pause(clock, deadline)
      onEnd?.({ exitCode: null, stdout: '', stderr: '' })
      throw new Stuck(`${text} hangs in the kernel and cannot be killed`)
    }
    onEnd?.(ended)
    if (ended.exitCode === 0) return ended.stdout
    throw new CommandFailed({ file, args, ...ended }, `exited ${ended.exitCode}`)
  }
}

/** What hung in the kernel gets on, where it can by now. */
export function settleHanging(world: World): void {
  for (const host of world.hosts) {
    if (host.changing.hanging.length === 0) continue
    host.changing.hanging = host.changing.hanging.filter((one) => runProgram(world, host, one) === 'hangs')
  }
}
