import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { harmlessVariables, isFromUrl, readServiceJson, withEnvironment } from './service-settings.ts'

const recorded = readFileSync(
  join(import.meta.dirname, '../../../test/fixtures/ipfs-cluster-1.1.6/service.json'),
  'utf8',
)
const file = readServiceJson(recorded)

test('a recorded service.json becomes the settings that are judged', () => {
  expect(file).toEqual({
    consensus: 'crdt',
    disableRepinning: true,
    trustedPeers: ['*'],
    allocateBy: ['tag:group', 'freespace'],
    listens: {
      restApi: ['/ip4/127.0.0.1/tcp/25141'],
      ipfsProxy: ['/ip4/127.0.0.1/tcp/25151'],
      pinningApi: ['/ip4/127.0.0.1/tcp/25161'],
    },
  })
})

test('none of its secrets is left; they are in what was read', () => {
  for (const secret of [/5ec2e7/, /pa55word/, /"ops"/]) {
    expect(recorded).toMatch(secret)
    expect(JSON.stringify(file)).not.toMatch(secret)
  }
})

test('null for a map, a list or a value is as if it were not there', () => {
  const all = readServiceJson('{"cluster":{},"consensus":{"crdt":{}}}')
  expect(all).toBeDefined()
  for (const text of [
    '{"cluster":{},"consensus":{"crdt":{},"raft":null},"api":null,"allocator":null}',
    '{"cluster":null,"consensus":{"crdt":{"trusted_peers":null}},"api":{"restapi":null,"ipfsproxy":null}}',
    '{"cluster":{"disable_repinning":null},"consensus":{"crdt":{}},"api":{"restapi":{"http_listen_multiaddress":null}}}',
  ]) {
    expect(readServiceJson(text)).toEqual(all)
  }
  expect(readServiceJson('{"cluster":{},"consensus":null}')).toBeUndefined()
})

test('a file that names a URL has no settings, and says so', () => {
  const source = '{"source":"http://127.0.0.1:8080/ipns/cluster-config.example"}'
  expect(isFromUrl(source)).toBe(true)
  expect([recorded, '{"source":""}', '{"cluster":{}}', 'x'].map(isFromUrl)).toEqual([false, false, false, false])
})

test('absent keys have the defaults of the program, and an absent section listens nowhere', () => {
  expect(readServiceJson('{"cluster":{},"consensus":{"raft":{}}}')).toEqual({
    consensus: 'raft',
    disableRepinning: true,
    trustedPeers: [],
    allocateBy: ['tag:group', 'freespace'],
    listens: { restApi: [], ipfsProxy: [], pinningApi: [] },
  })
})

test.each(['', 'root:x:0:0:secret', '[]', '{}', '{"cluster":{"disable_repinning":"no"},"consensus":{}}'])(
  'what is no service.json is nothing: %s',
  (text) => {
    expect(readServiceJson(text)).toBeUndefined()
  },
)

test('the environment overrides the file, and is named', () => {
  if (file === undefined) throw new Error('the recorded file is understood')
  const environment = new Map([
    ['CLUSTER_DISABLEREPINNING', 'false'],
    ['CLUSTER_CRDT_TRUSTEDPEERS', 'a,b'],
    ['CLUSTER_BALANCED_ALLOCATEBY', 'tag:tier,freespace'],
    ['CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS', '/ip4/0.0.0.0/tcp/9094'],
  ])
  expect(withEnvironment(file, environment, { mayBeOverridden: true })).toMatchObject({
    disableRepinning: false,
    trustedPeers: ['a', 'b'],
    allocateBy: ['tag:tier', 'freespace'],
    listens: { restApi: ['/ip4/0.0.0.0/tcp/9094'], ipfsProxy: ['/ip4/127.0.0.1/tcp/25151'] },
    fromEnvironment: [...environment.keys()],
    mayBeOverridden: true,
  })
  expect(withEnvironment(file, new Map(), { mayBeOverridden: false })).toMatchObject({ ...file, fromEnvironment: [] })
})

test('no variable that is looked at can be a secret', () => {
  for (const name of harmlessVariables) expect(name).not.toMatch(/SECRET|KEY|CREDENTIAL|PASS|TOKEN/)
})
