import type { InstallStep } from '../adapters/system/install.ts'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CommandFailed, commandText, type Exec } from '../adapters/system/exec.ts'
import { minutes } from '../domain/units.ts'
import { controllerFileTemplate, controllerUnit } from './install-files.ts'

const user = 'tiercel-controller'

/** What `tiercel controller install` would do on this machine. Looks, and changes nothing. */
export async function planInstall(options: {
  exec: Exec
  /** The launcher that the unit starts: an absolute path. */
  launcher: string
  /** Where files go: the root of the machine. */
  root?: string
}): Promise<InstallStep[]> {
  const { exec, launcher, root = '' } = options
  const steps: InstallStep[] = []
  const command = (title: string, file: string, args: string[]): void => {
    steps.push({
      title,
      detail: commandText(file, args),
      run: async () => void (await exec(file, args, { deadline: minutes(5) })),
    })
  }
  if (!(await isThere(exec, 'id', ['-u', user], 1))) {
    command(`Create the system user ${user}; its home is for the keys by which it reaches hosts`, 'useradd', [
      '--system',
      '--user-group',
      '--create-home',
      '--home-dir',
      `/var/lib/${user}`,
      '--shell',
      '/usr/sbin/nologin',
      user,
    ])
  }
  // Installed before the agent, it is to be installed again after it: the unit then differs, and is replaced.
  const hasAgent = await isThere(exec, 'getent', ['group', 'tiercel'], 2)
  const files: { path: string; text: string; keep?: true }[] = [
    { path: '/etc/tiercel/controller.yaml', text: controllerFileTemplate, keep: true },
    { path: `/etc/systemd/system/${user}.service`, text: controllerUnit(launcher, { hasAgent }) },
  ]
  for (const { path, text, keep } of files) {
    const file = `${root}${path}`
    const there = existsSync(file)
    if (there && (keep === true || readFileSync(file, 'utf8') === text)) continue
    steps.push({
      title: `${there ? 'Replace' : 'Write'} ${path}`,
      detail: text,
      run: async () => writeWhole(file, text),
    })
  }
  command('Let systemd read the unit', 'systemctl', ['daemon-reload'])
  command('Start the controller at boot', 'systemctl', ['enable', `${user}.service`])
  command('Start the controller now, with what is new', 'systemctl', ['restart', `${user}.service`])
  return steps
}

/** Whether a program finds what it is asked for; `absent` is its exit status when it does not. */
async function isThere(exec: Exec, file: string, args: readonly string[], absent: number): Promise<boolean> {
  try {
    await exec(file, args)
    return true
  } catch (error) {
    if (error instanceof CommandFailed && error.exitCode === absent) return false
    throw error
  }
}

/** Never half a file: written beside, then renamed. */
function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  const beside = `${path}.new`
  writeFileSync(beside, text, { mode: 0o600 })
  if (process.getuid?.() === 0) chownSync(beside, 0, 0)
  chmodSync(beside, 0o644)
  renameSync(beside, path)
}
