import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { now } from '../../../../test/builders/readings.ts'
import { agentUnreachable } from './agent-unreachable.ts'
import type { FleetView } from '../view.ts'

const without = (
  view: FleetView,
  contact: { error: string; hint?: string },
  address: 'local' | 'ssh://n1' = 'ssh://n1',
): FleetView => ({
  ...view,
  hosts: view.hosts.map((host, index) =>
    index === 0
      ? { declaration: { ...host.declaration, address }, contact: { state: 'unreachable', at: now, ...contact } }
      : host,
  ),
})

test('a host that does not answer is unknown, with the reason and the hint', () => {
  const [found, ...others] = agentUnreachable.find(
    without(bench().view, { error: 'host key changed', hint: 'Compare the key, then edit known_hosts.' }),
  )
  expect(others).toEqual([])
  expect(found).toMatchObject({
    code: 'AGENT_UNREACHABLE',
    severity: 'unknown',
    subject: 'n1',
    summary: 'Host n1 does not answer, so nothing is known of it: host key changed.',
    remedy: 'Compare the key, then edit known_hosts.',
  })
  expect(found?.endangers).toContain('the pins of hot')
})

test('without a hint it says where to look', () => {
  const [found] = agentUnreachable.find(without(bench().view, { error: 'connection refused' }))
  expect(found?.remedy).toContain('systemctl status tiercel-agent')
})

test('this machine has no agent to look for: it is only too busy', () => {
  const [found] = agentUnreachable.find(without(bench().view, { error: 'nothing came within 12 s' }, 'local'))
  expect(found?.summary).toContain('This machine, n1, could not be looked at')
  expect(found?.remedy).toBe('See how busy it is (`uptime`), and look again.')
})

test('hosts that answer are not found', () => expect(agentUnreachable.find(bench().view)).toEqual([]))
