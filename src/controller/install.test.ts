import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readControllerConfig } from '../adapters/files/controller-file.ts'
import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import { planInstall } from './install.ts'

/** A machine on which everything that is run is noted, and works. */
function machine({ hasUser = false, hasAgent = false } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'tiercel-install-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const ran: string[] = []
  const exec: Exec = async (file, args) => {
    const absent = file === 'id' ? !hasUser && 1 : file === 'getent' ? !hasAgent && 2 : false
    if (absent !== false) {
      throw new CommandFailed({ file, args, exitCode: absent, stdout: '', stderr: '' }, `exited ${absent}`)
    }
    if (file !== 'id' && file !== 'getent') ran.push([file, ...args].join(' '))
    return ''
  }
  return { root, ran, plan: async () => planInstall({ exec, launcher: '/opt/tiercel/bin/tiercel', root }) }
}

const unitPath = 'etc/systemd/system/tiercel-controller.service'

test('shows all, and does nothing; then makes user, file and unit, and starts it', async () => {
  const { root, ran, plan } = machine()
  const steps = await plan()
  expect(ran).toEqual([])
  for (const step of steps) await step.run()
  expect(ran.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'useradd --system',
    'systemctl daemon-reload',
    'systemctl enable',
    'systemctl restart',
  ])
  const config = await readControllerConfig(join(root, 'etc/tiercel/controller.yaml'))
  expect(config.listen.socket).toBe('/run/tiercel-controller/controller.sock')
  expect(readFileSync(join(root, unitPath), 'utf8')).toContain('ExecStart="/opt/tiercel/bin/tiercel" controller run')
})

test('the unit names the group of the agent only where it is there: systemd would not start it (216/GROUP)', async () => {
  for (const hasAgent of [false, true]) {
    const { root, plan } = machine({ hasUser: true, hasAgent })
    for (const step of await plan()) await step.run()
    const groups = readFileSync(join(root, unitPath), 'utf8').match(/^SupplementaryGroups=.*$/gm)
    expect(groups).toEqual(hasAgent ? ['SupplementaryGroups=tiercel tiercel-grant'] : null)
  }
})

test('what is there is kept, and a unit of an older release replaced', async () => {
  const { plan } = machine({ hasUser: true })
  for (const step of await plan()) await step.run()
  expect((await plan()).map(({ title }) => title)).toEqual([
    'Let systemd read the unit',
    'Start the controller at boot',
    'Start the controller now, with what is new',
  ])
})
