import { expect, test } from 'vitest'
import { bench, type BenchHost } from '../../../../test/builders/fleet-view.ts'
import { trouble } from '../../../../test/builders/readings.ts'
import type { Endpoint } from '../../daemons.ts'
import { apiExposed } from './api-exposed.ts'

const listens = ({ store }: BenchHost, ...endpoints: Partial<Endpoint>[]) => {
  const usual: Endpoint = { service: 'cluster-api', address: '0.0.0.0', port: 9094, tls: false, answer: 'open' }
  if (store.exposure.last !== null) store.exposure.last.value = endpoints.map((one) => ({ ...usual, ...one }))
}
const found = (...endpoints: Partial<Endpoint>[]) => {
  const { view, n1 } = bench()
  listens(n1, ...endpoints)
  return apiExposed.find(view)
}

test('services on loopback alone say nothing', () => {
  expect(apiExposed.find(bench().view)).toEqual([])
})

test.each(['cluster-api', 'ipfs-proxy', 'pinning-api', 'kubo-rpc'] as const)('an open %s is critical', (service) => {
  expect(found({ service })).toMatchObject([
    {
      severity: 'critical',
      subject: `n1/hot/${service}`,
      summary: expect.stringContaining(
        'listens on 0.0.0.0 port 9094, and does what anybody asks, without credentials.',
      ),
    },
  ])
})

test('credentials without TLS are a warning; with TLS, nothing', () => {
  expect(found({ answer: 'refused' })).toMatchObject([
    { severity: 'warning', endangers: 'Credentials can be read on the way, and then used to remove pins.' },
  ])
  expect(found({ answer: 'refused', tls: true })).toEqual([])
  expect(found({ answer: 'open', tls: true })).toMatchObject([{ severity: 'critical' }])
})

test('a service that gives no answer is not taken for closed', () => {
  expect(found({ answer: 'silent', tls: true })).toMatchObject([{ severity: 'warning' }])
})

test('a gateway is told, and is no alarm', () => {
  expect(found({ service: 'kubo-gateway', answer: 'not-asked' })).toMatchObject([{ severity: 'info', endangers: '' }])
})

test('several addresses of one service are one finding, by the worst of them', () => {
  expect(found({ answer: 'refused', address: '192.0.2.7' }, { address: '::' }, { service: 'kubo-rpc' })).toMatchObject([
    { subject: 'n1/hot/cluster-api', severity: 'critical', evidence: [{}, {}] },
    { subject: 'n1/hot/kubo-rpc' },
  ])
})

test('nothing is said where it could not be looked', () => {
  const { view, n1 } = bench()
  listens(n1, {})
  n1.store.exposure.trouble = trouble('not-understood')
  expect(apiExposed.find(view)).toEqual([])
})
