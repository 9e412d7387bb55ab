import { expect, test } from 'vitest'
import { ProgramMissing } from '../../domain/errors.ts'
import { CommandFailed } from '../system/exec.ts'
import { readUnit, showUnit } from './unit.ts'

// The words of systemctl 252 (Debian 12): a variable with blanks is quoted as a whole.
const shown = `MainPID=4711
LoadState=loaded
Environment=IPFS_CLUSTER_PATH=/hot/cluster CLUSTER_SECRET=5ec2e7 "CLUSTER_CRDT_TRUSTEDPEERS=a, \\"b\\"" CLUSTER_DISABLEREPINNING=false
EnvironmentFiles=/etc/default/ipfs-cluster (ignore_errors=yes)
`

test('a unit is its process and the variables that are no secret', () => {
  expect(readUnit(shown)).toEqual({
    mainPid: 4711,
    environment: new Map([
      ['CLUSTER_CRDT_TRUSTEDPEERS', 'a, "b"'],
      ['CLUSTER_DISABLEREPINNING', 'false'],
    ]),
    hasEnvironmentFiles: true,
  })
  expect(readUnit('MainPID=0\nLoadState=loaded\nEnvironment=\nEnvironmentFiles=\n')).toEqual({
    mainPid: 0,
    environment: new Map(),
    hasEnvironmentFiles: false,
  })
})

test('a unit that is not there is none, nor is any without systemd', async () => {
  expect(readUnit('MainPID=0\nLoadState=not-found\nEnvironment=\n')).toBeUndefined()
  const failures = [
    new ProgramMissing('the program systemctl is not installed here', 'install it'),
    new CommandFailed(
      { file: 'systemctl', args: [], exitCode: 1, stdout: '', stderr: 'System has not been booted with systemd' },
      'exited 1',
    ),
  ]
  for (const failure of failures) {
    expect(await showUnit(() => Promise.reject(failure), 'ipfs@hot.service')).toBeUndefined()
  }
})

test('a name of a unit is never an option', async () => {
  let asked: readonly string[] = []
  await showUnit(async (_file, args) => {
    asked = args
    return shown
  }, '--all')
  expect(asked.slice(-2)).toEqual(['--', '--all'])
})
