import { existsSync, readFileSync } from 'node:fs'
import type { Exec } from '../adapters/system/exec.ts'
import { commandStep, type InstallStep, isThere, writeWhole } from '../adapters/system/install.ts'
import { grantGroup } from '../domain/grant-token.ts'
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
    steps.push(commandStep(exec, title, file, args))
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
  const groups: string[] = []
  for (const group of ['tiercel', grantGroup])
    if (await isThere(exec, 'getent', ['group', group], 2)) groups.push(group)
  const files: { path: string; text: string; keep?: true }[] = [
    { path: '/etc/tiercel/controller.yaml', text: controllerFileTemplate, keep: true },
    { path: `/etc/systemd/system/${user}.service`, text: controllerUnit(launcher, { groups }) },
  ]
  for (const { path, text, keep } of files) {
    const file = `${root}${path}`
    const there = existsSync(file)
    if (there && (keep === true || readFileSync(file, 'utf8') === text)) continue
    steps.push({
      title: `${there ? 'Replace' : 'Write'} ${path}`,
      detail: text,
      run: async () => writeWhole(file, text, { mode: 0o644 }),
    })
  }
  command('Let systemd read the unit', 'systemctl', ['daemon-reload'])
  command('Start the controller at boot', 'systemctl', ['enable', `${user}.service`])
  command('Start the controller now, with what is new', 'systemctl', ['restart', `${user}.service`])
  return steps
}
