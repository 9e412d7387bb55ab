import type { Exec } from '../system/exec.ts'
import { CommandFailed } from '../system/exec.ts'
import { ProgramMissing } from '../../domain/errors.ts'
import { seconds } from '../../domain/units.ts'
import { harmlessVariables } from './service-settings.ts'

/** What systemd knows of a running unit, as far as it is needed here. */
export interface UnitState {
  /** 0 where nothing of it runs. */
  mainPid: number
  /** The harmless ones alone: a unit's environment can hold the cluster secret. */
  environment: ReadonlyMap<string, string>
  /** Whether it reads files with more variables, which only root can see. */
  hasEnvironmentFiles: boolean
}

/** Undefined where there is no systemd, or no such unit. */
export async function showUnit(exec: Exec, unit: string, signal?: AbortSignal): Promise<UnitState | undefined> {
  const properties = ['LoadState', 'MainPID', 'Environment', 'EnvironmentFiles']
  const args = ['show', ...properties.map((name) => `--property=${name}`), '--', unit]
  try {
    return readUnit(await exec('systemctl', args, { signal, deadline: seconds(10), maxBytes: 1024 * 1024 }))
  } catch (error) {
    // A machine without systemd says so with exit 1; there nobody has units.
    if (error instanceof ProgramMissing || error instanceof CommandFailed) return undefined
    throw error
  }
}

/** The output of `systemctl show`: one property a line. */
export function readUnit(text: string): UnitState | undefined {
  const properties = new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=')
      return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)]]
    }),
  )
  if (properties.get('LoadState') !== 'loaded') return undefined
  return {
    mainPid: Number(properties.get('MainPID') ?? 0),
    environment: new Map(words(properties.get('Environment') ?? '').flatMap(harmless)),
    hasEnvironmentFiles: (properties.get('EnvironmentFiles') ?? '') !== '',
  }
}

function harmless(word: string): [string, string][] {
  const at = word.indexOf('=')
  const name = word.slice(0, at)
  return at !== -1 && harmlessVariables.has(name) ? [[name, word.slice(at + 1)]] : []
}

/** systemd quotes a variable with blanks or special characters as a whole: `A=1 "B=two words"`. */
function words(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '',
  )
}
