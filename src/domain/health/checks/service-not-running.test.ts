import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import type { Unit } from '../../machine.ts'
import { serviceNotRunning } from './service-not-running.ts'

const name = 'ipfs@hot.service'
const healthy: Unit = { name, load: 'loaded', active: 'active', sub: 'running', result: 'success', restarts: 0 }

function found(unit: Partial<Unit> | undefined, manager: 'systemd' | 'none' = 'systemd') {
  const { view, n1 } = bench()
  n1.local.units = { kubo: name }
  const services = n1.machine.services.last?.value
  if (services !== undefined) {
    Object.assign(services, { manager, units: unit === undefined ? [] : [{ ...healthy, ...unit }] })
  }
  return serviceNotRunning.find(view)
}

test.each<[Partial<Unit>, string | undefined, string]>([
  [{}, undefined, ''],
  [{ active: 'reloading' }, undefined, ''],
  [{ active: 'inactive', sub: 'dead' }, 'critical', 'is stopped'],
  [{ active: 'failed', sub: 'failed', result: 'oom-kill' }, 'critical', 'has failed (oom-kill)'],
  [{ active: 'activating', sub: 'auto-restart', result: 'exit-code', restarts: 17 }, 'warning', '17 times by now'],
  [{ active: 'deactivating', sub: 'stop' }, 'warning', 'it is deactivating'],
  [{ load: 'not-found', active: 'inactive', sub: 'dead' }, 'warning', 'does not exist'],
  [{ load: 'masked', active: 'inactive', sub: 'dead' }, 'warning', 'it is masked'],
])('%j: %s', (unit, severity, words) => {
  const [finding] = found(unit)
  expect(finding?.severity).toBe(severity)
  expect(finding?.summary ?? '').toContain(words)
})

test('it names the store and what is out of reach', () => {
  expect(found({ active: 'inactive', sub: 'dead' })).toMatchObject([
    { subject: 'n1/hot/kubo', place: { kind: 'kubo', host: 'n1', store: 'hot' } },
  ])
})

test('a kill for memory leads to the memory', () => {
  expect(found({ active: 'failed', result: 'oom-kill' })[0]?.remedy).toContain('HOST_MEMORY_LOW')
})

test('without systemd, a declared unit is unknown', () => {
  expect(found(undefined, 'none')).toMatchObject([{ severity: 'unknown' }])
})

test('a store without units, and a unit declared since the last look, say nothing', () => {
  expect(serviceNotRunning.find(bench().view)).toEqual([])
  expect(found(undefined)).toEqual([])
})
