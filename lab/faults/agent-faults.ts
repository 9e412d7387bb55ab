import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { knownHostsLine, makeKey, makeKeys, publicKey, writeSshFiles } from '../ssh.ts'
import { inTarget, targetGuest, type Fault } from './fault.ts'

export const killAgent: Fault = {
  name: 'kill-agent',
  mendName: 'start-agent',
  title: 'the agent of a guest is killed, and not started again',
  takes: ['guest'],
  async break(lab, target) {
    await inTarget(
      lab,
      target,
      `systemctl kill --signal=KILL tiercel-agent.service || true
systemctl stop tiercel-agent.service`,
    )
  },
  async mend(lab, target) {
    await inTarget(
      lab,
      target,
      'systemctl reset-failed tiercel-agent.service || true\nsystemctl start tiercel-agent.service',
    )
  },
}

export const removeExecutor: Fault = {
  name: 'remove-executor',
  mendName: 'restore-executor',
  title: 'the executor of a guest does not run, and its socket is gone',
  takes: ['guest'],
  async break(lab, target) {
    await inTarget(lab, target, 'systemctl stop tiercel-executor.socket tiercel-executor.service')
  },
  async mend(lab, target) {
    await inTarget(lab, target, 'systemctl start tiercel-executor.socket')
  },
}

export const changeHostKey: Fault = {
  name: 'change-host-key',
  mendName: 'restore-host-key',
  title: 'a guest shows another SSH host key than the one that is known',
  takes: ['guest'],
  async break(lab, target) {
    const { state } = lab
    const guest = targetGuest(lab, target)
    const keys = await makeKeys(lab.paths.state)
    const other = await makeKey(join(keys.folder, 'host_nobody'), 'tiercel-lab: no host has this key')
    const lines = state.guests.map(({ name }) =>
      knownHostsLine(name, publicKey(name === guest.name ? other : join(keys.folder, `host_${name}`))),
    )
    writeFileSync(state.knownHosts, lines.join(''), { mode: 0o600 })
  },
  async mend(lab) {
    writeSshFiles(lab.state, await makeKeys(lab.paths.state))
  },
}
