import { describe, expect, it } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { readMachineFacts } from './facts.ts'

const files: Record<string, string> = {
  '/proc/sys/kernel/osrelease': '6.1.0-41-cloud-amd64\n',
  '/proc/stat': 'cpu  1 2 3\nbtime 1795413600\nprocesses 9\n',
  '/proc/sys/user/max_user_namespaces': '63432\n',
  '/proc/meminfo': 'MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    4000000 kB\n',
}
const reader =
  (changed: Record<string, string> = {}) =>
  (path: string) =>
    ({ ...files, ...changed })[path] ?? ''

const withoutUserLimits = (path: string) => {
  if (path.startsWith('/proc/sys/user')) throw new Error('ENOENT')
  return reader()(path)
}

describe('readMachineFacts', () => {
  it('reads kernel, boot and memory', () => {
    expect(readMachineFacts(reader())).toEqual({
      kernel: '6.1.0-41-cloud-amd64',
      bootedAt: 1_795_413_600_000,
      userNamespaces: true,
      memory: { total: 16_384_000_000, available: 4_096_000_000 },
    })
  })

  it.each([
    ['/proc/sys/user/max_user_namespaces', '0\n'],
    ['/proc/sys/kernel/unprivileged_userns_clone', '0\n'],
    ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1\n'],
  ])('sees that users may make no namespaces by %s', (path, value) => {
    expect(readMachineFacts(reader({ [path]: value })).userNamespaces).toBe(false)
  })

  it('does not guess where the kernel does not tell', () => {
    expect(readMachineFacts(withoutUserLimits).userNamespaces).toBeNull()
  })

  it('refuses what it does not know', () => {
    expect(() => readMachineFacts(reader({ '/proc/stat': 'cpu 1' }))).toThrow(UnexpectedOutput)
    expect(() => readMachineFacts(reader({ '/proc/meminfo': 'MemTotal: 1 MB' }))).toThrow('MemTotal')
  })

  it.runIf(process.platform === 'linux')('reads this machine', () => {
    const { kernel, memory } = readMachineFacts()
    expect(kernel).not.toBe('')
    expect(memory.available).toBeLessThanOrEqual(memory.total)
  })
})
