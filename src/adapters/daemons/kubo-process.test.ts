import { expect, test } from 'vitest'
import { lookAtKubo, type Processes } from './kubo-process.ts'

const running = (lines: Record<number, string[] | undefined>): Processes => {
  return { pids: () => Object.keys(lines).map(Number), commandLine: (pid) => lines[pid] }
}
const unit = (mainPid: number) => {
  return { name: 'ipfs@hot.service', state: { mainPid, environment: new Map(), hasEnvironmentFiles: false } }
}
const plain = ['/usr/local/bin/ipfs', 'daemon', '--migrate=true']
const withGc = ['/usr/local/bin/ipfs', 'daemon', '--enable-gc']

test('the process of the unit decides, whatever other Kubos do', () => {
  const processes = running({ 1: ['/sbin/init'], 7: withGc, 8: plain })
  expect(lookAtKubo(unit(7), processes)).toEqual({
    enableGc: true,
    seen: 'command line of ipfs@hot.service, process 7',
  })
  expect(lookAtKubo(unit(8), processes).enableGc).toBe(false)
})

test.each([
  [['--enable-gc=false'], false],
  [['--enable-gc', '--enable-gc=false'], false],
  [['--enable-gc=true'], true],
  [['--enable-gc-not'], false],
])('the option is read as Kubo reads it: %s', (options, expected) => {
  expect(lookAtKubo(unit(7), running({ 7: ['ipfs', 'daemon', ...options] })).enableGc).toBe(expected)
})

test('without a unit, Kubos that agree speak for each other; those that differ do not', () => {
  expect(lookAtKubo(undefined, running({ 7: plain, 8: plain })).enableGc).toBe(false)
  expect(lookAtKubo(undefined, running({ 7: withGc })).enableGc).toBe(true)
  expect(lookAtKubo(undefined, running({ 7: withGc, 8: plain })).enableGc).toBeNull()
})

test('what cannot be seen is not known', () => {
  expect(lookAtKubo(unit(0), running({})).enableGc).toBeNull()
  expect(lookAtKubo(unit(7), running({ 7: undefined, 8: ['/bin/ipfs-cluster-service', 'daemon'] })).enableGc).toBeNull()
})
