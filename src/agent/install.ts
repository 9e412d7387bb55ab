import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { Exec } from '../adapters/system/exec.ts'
import { commandStep, type InstallStep, isThere, writeWhole } from '../adapters/system/install.ts'
import { grantGroup, grantTokenFile } from '../domain/grant-token.ts'
import { executorSocketUnit, agentUnit, executorUnit, agentFileTemplate, policyFileTemplate } from './install-files.ts'

/** What `tiercel agent install` would do on this host. Looks, and changes nothing. */
export async function planInstall(options: {
  exec: Exec
  /** The launcher that the units start: an absolute path. */
  launcher: string
  hostName: string
}): Promise<InstallStep[]> {
  const { exec, launcher, hostName } = options
  const steps: InstallStep[] = []
  const command = (title: string, file: string, args: string[]): void => {
    steps.push(commandStep(exec, title, file, args))
  }
  if (!(await isThere(exec, 'id', ['-u', 'tiercel'], 1))) {
    command('Create the system user tiercel', 'useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      'tiercel',
    ])
  }
  // Apart from that of those who may look: whoever is in it may give the host to a controller.
  if (!(await isThere(exec, 'getent', ['group', grantGroup], 2))) {
    command(`Create the group ${grantGroup}, for those who may say whom this host obeys`, 'groupadd', [
      '--system',
      grantGroup,
    ])
  }
  const files: { path: string; text: string; mode: number; group?: string; keep?: true }[] = [
    { path: '/etc/tiercel/agent.yaml', text: agentFileTemplate(hostName), mode: 0o644, keep: true },
    { path: '/etc/tiercel/policy.yaml', text: policyFileTemplate, mode: 0o644, keep: true },
    { path: '/etc/tiercel/agent.token', text: newToken(), mode: 0o640, group: 'tiercel', keep: true },
    { path: grantTokenFile, text: newToken(), mode: 0o640, group: grantGroup, keep: true },
    { path: '/etc/tiercel/executor.token', text: newToken(), mode: 0o640, group: 'tiercel', keep: true },
    { path: '/etc/systemd/system/tiercel-executor.socket', text: executorSocketUnit, mode: 0o644 },
    { path: '/etc/systemd/system/tiercel-executor.service', text: executorUnit(launcher), mode: 0o644 },
    { path: '/etc/systemd/system/tiercel-agent.service', text: agentUnit(launcher), mode: 0o644 },
  ]
  for (const { path, text, mode, group, keep } of files) {
    const there = existsSync(path)
    if (there && (keep === true || readFileSync(path, 'utf8') === text)) continue
    steps.push({
      title: `${there ? 'Replace' : 'Write'} ${path}`,
      detail: group === undefined ? text : `a new random token, mode ${mode.toString(8)}, group ${group}`,
      run: async () => {
        writeWhole(path, text, { mode, group: group === undefined ? 0 : await idOfGroup(exec, group) })
      },
    })
  }
  command('Let systemd read the units', 'systemctl', ['daemon-reload'])
  command('Start the executor’s socket and the agent at boot', 'systemctl', [
    'enable',
    'tiercel-executor.socket',
    'tiercel-agent.service',
  ])
  // An agent asks so often that an executor of the last release would never end by itself. Its socket is stopped in the
  // same breath: systemd starts nothing for a socket that is to be stopped, and a request that comes between would
  // otherwise cancel the stop (`Job for … canceled`, systemd 252).
  command('End an executor that runs', 'systemctl', ['stop', 'tiercel-executor.socket', 'tiercel-executor.service'])
  command('Start the executor’s socket now', 'systemctl', ['start', 'tiercel-executor.socket'])
  command('Start the agent now, with what is new', 'systemctl', ['restart', 'tiercel-agent.service'])
  return steps
}

const newToken = (): string => `${randomBytes(32).toString('hex')}\n`

/** Of the group `tiercel` itself: an account that was there before can have another one as its own. */
async function idOfGroup(exec: Exec, group: string): Promise<number> {
  const [, , id] = (await exec('getent', ['group', group])).split(':')
  return Number(id)
}
