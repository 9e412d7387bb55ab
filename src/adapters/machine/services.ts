import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { Services, Unit } from '../../domain/machine.ts'
import type { Exec } from '../system/exec.ts'

/** ZED's unit in the packages of OpenZFS, on every distribution that we know. */
export const zedUnit = 'zfs-zed.service'

const properties = ['LoadState', 'ActiveState', 'SubState', 'Result', 'NRestarts'] as const

/** What reading services touches beside systemctl: /run and /proc, neither of which blocks. */
export interface ServiceFiles {
  bootedBySystemd(): boolean
  /** The names of all processes (proc(5), comm); null where they cannot be listed. */
  processes(): string[] | null
}

export const serviceFiles: ServiceFiles = {
  // sd_booted(3)
  bootedBySystemd: () => existsSync('/run/systemd/system'),
  processes: () => {
    try {
      const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
      return names.flatMap((pid) => {
        try {
          return [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()]
        } catch {
          return [] // It has ended in between.
        }
      })
    } catch {
      return null
    }
  },
}

/** The units of the given names, and whether a ZED runs. */
export async function readServices(
  { exec, files }: { exec: Exec; files: ServiceFiles },
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Services> {
  if (!files.bootedBySystemd()) return { manager: 'none', units: [], zed: runsZed(files) }
  const asked = names.includes(zedUnit) ? [...names] : [...names, zedUnit]
  const stdout = await exec('systemctl', unitArgs(asked), { signal })
  const units = parseUnits(stdout, asked)
  const zed = units.find(({ name }) => name === zedUnit)?.active === 'active' || runsZed(files)
  return { manager: 'systemd', units, zed }
}

/** systemctl(1), show: `--` keeps a name from being read as an option. */
export const unitArgs = (names: readonly string[]): string[] => [
  'show',
  '--no-pager',
  `--property=${properties.join(',')}`,
  '--',
  ...names,
]

/** One block for each unit, in the order of the arguments, parted by empty lines; `KEY=VALUE` in any order. */
export function parseUnits(stdout: string, names: readonly string[]): Unit[] {
  const blocks = stdout.split(/\n\n+/).filter((block) => block.trim() !== '')
  if (blocks.length !== names.length) {
    throw new UnexpectedOutput(
      `systemctl show told of ${blocks.length} units, and ${names.length} were asked for`,
      stdout,
    )
  }
  return names.map((name, index) => {
    const values = new Map(
      (blocks[index] ?? '').split('\n').map((line) => {
        const at = line.indexOf('=')
        return [line.slice(0, at), line.slice(at + 1).trim()] as const
      }),
    )
    const [load, active, sub] = [values.get('LoadState'), values.get('ActiveState'), values.get('SubState')]
    if (!load || !active || !sub)
      throw new UnexpectedOutput(`systemctl show does not tell the state of ${name}`, stdout)
    const restarts = values.get('NRestarts') ?? ''
    return {
      name,
      load,
      active,
      sub,
      result: values.get('Result') ?? '',
      restarts: /^\d{1,9}$/.test(restarts) ? Number(restarts) : null,
    }
  })
}

const runsZed = (files: ServiceFiles): boolean | null => files.processes()?.includes('zed') ?? null
