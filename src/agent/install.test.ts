import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import { readAgentConfig } from '../adapters/files/agent-file.ts'
import { parsePolicy } from '../adapters/policy/policy-file.ts'
import { judgeByPolicy } from '../operations/policy.ts'
import { scrubStart } from '../operations/scrub-start.ts'
import { agentFileTemplate, agentUnit, executorUnit, policyFileTemplate } from './install-files.ts'
import { planInstall } from './install.ts'

/** Looks only: a plan that ran something else would be no plan. */
const looks =
  (hasAccount: boolean): Exec =>
  async (file, args) => {
    const absent = { id: 1, getent: 2 }[file]
    if (absent === undefined) throw new Error(`the plan ran ${file}`)
    if (hasAccount) return '990\n'
    throw new CommandFailed({ file, args, exitCode: absent, stdout: '', stderr: 'none such' }, `exited ${absent}`)
  }

const plan = (hasAccount: boolean) =>
  planInstall({ exec: looks(hasAccount), launcher: '/opt/tiercel/bin/tiercel', hostName: 'n1' })

test('shows every file and command before anything is done, and no token', async () => {
  const steps = await plan(false)
  expect(steps[0]?.title).toBe('Create the system user tiercel')
  expect(steps.map(({ detail }) => detail).join('\n')).not.toMatch(/[0-9a-f]{32}/)
  expect(steps.slice(-4).map(({ detail }) => detail)).toEqual([
    'systemctl enable tiercel-executor.socket tiercel-agent.service',
    'systemctl stop tiercel-executor.socket tiercel-executor.service',
    'systemctl start tiercel-executor.socket',
    'systemctl restart tiercel-agent.service',
  ])
})

test('creates no account and no group that is there', async () => {
  const group = /^Create the group tiercel-grant/
  expect((await plan(true)).map(({ title }) => title)).not.toContain('Create the system user tiercel')
  expect((await plan(true)).filter(({ title }) => group.test(title))).toEqual([])
  expect((await plan(false)).filter(({ title }) => group.test(title))).toHaveLength(1)
})

test('the token that gives a host away is not for those who may look', async () => {
  const token = (await plan(false)).find(({ title }) => title.endsWith('/etc/tiercel/grant.token'))
  expect(token?.detail).toContain('group tiercel-grant')
  expect(agentUnit('/opt/tiercel/bin/tiercel')).toMatch(/^SupplementaryGroups=systemd-journal tiercel-grant$/m)
})

test.each(['n1', '12345', 'null', '1e3', '0x10'])('the first agent.yaml is right on a host called %s', async (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-install-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'agent.yaml'), agentFileTemplate(name))
  expect((await readAgentConfig(join(folder, 'agent.yaml'))).host).toBe(name)
})

test('the first policy is right, and lets nothing be changed; with its example it does', () => {
  expect(parsePolicy('policy.yaml', policyFileTemplate)).toMatchObject({ mode: 'observe-only', allow: [] })
  const example = policyFileTemplate.replace('mode: observe-only\n', '').replaceAll(/^# (?=mode|allow| )/gm, '')
  const policy = parsePolicy('policy.yaml', example)
  expect(judgeByPolicy(policy, scrubStart.of({ pool: 'hot-tier', guid: '1', errorsOnly: false })).isAllowed).toBe(true)
})

test('units start a launcher with blanks and signs that systemd reads in its path', () => {
  for (const unit of [agentUnit, executorUnit]) {
    expect(unit('/opt/a b/100%/$x/tiercel')).toMatch(/^ExecStart="\/opt\/a b\/100%%\/\$x\/tiercel" \w+$/m)
  }
})
