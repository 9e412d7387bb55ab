import { expect, test } from 'vitest'

import { labPaths } from './paths.ts'
import { clusterEnvironment, kuboConfig, peerPorts } from './peer-settings.ts'
import { poolScript, labPools } from './pools.ts'
import { isGoRecent, mirrorAmong } from './requirements.ts'

test('no two programs of the lab have the same port', () => {
  const guests = Array.from({ length: 10 }, (_, index) => 26_400 + index)
  const peers = [0, 1, 2].flatMap((index) => Object.values(peerPorts(26_400, index)))
  const all = [...guests, ...peers]
  expect(new Set(all).size).toBe(all.length)
})

test('a Kubo of the lab listens on the loopback only and knows nobody but its neighbours', () => {
  const neighbour = { ID: 'other', Addrs: ['/ip4/127.0.0.1/tcp/26422'] }
  const config = kuboConfig({ Bootstrap: ['auto'], Datastore: { StorageMax: '10GB' } }, peerPorts(26_400, 0), [
    neighbour,
  ])
  expect(config).toMatchObject({
    Bootstrap: [],
    Peering: { Peers: [neighbour] },
    Addresses: { API: '/ip4/127.0.0.1/tcp/26410', Swarm: ['/ip4/127.0.0.1/tcp/26412'] },
    Datastore: { StorageMax: '10GB' },
  })
})

test('a Cluster peer with a socket listens on it beside its port', () => {
  const settings = { secret: 's', name: 'peer0', folder: '/lab/peer0', ports: peerPorts(26_400, 0), others: [] }
  const both = clusterEnvironment({ ...settings, socket: '/run/rest.sock' })
  expect(both['CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS']).toBe('/ip4/127.0.0.1/tcp/26413,/unix/run/rest.sock')
  const one = clusterEnvironment({ ...settings, socket: undefined })
  expect(one['CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS']).toBe('/ip4/127.0.0.1/tcp/26413')
})

test('sockets lie in the state folder, unless their path would be too long for the kernel', () => {
  expect(labPaths({ TIERCEL_LAB_STATE: '/srv/lab' }).sockets).toBe('/srv/lab/run')
  const deep = labPaths({ TIERCEL_LAB_STATE: `/srv/${'deep/'.repeat(20)}lab` })
  expect(deep.sockets).not.toContain('/deep/')
  expect(deep.state).toContain('/deep/')
})

test('the XDG folders are used where nothing else is asked for', () => {
  const paths = labPaths({ XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c' })
  expect(paths).toMatchObject({ state: '/s/tiercel-lab', cache: '/c/tiercel-lab' })
})

test("the mirror is that of Debian itself, not of its security archive or somebody else's packages", () => {
  const targets = [
    'https://packages.example/other|Other|Other',
    'https://mirror.example/debian-security|Debian|Debian-Security',
    'https://mirror.example/debian|Debian|Debian',
  ].join('\n')
  expect(mirrorAmong(targets)).toBe('https://mirror.example/debian')
  expect(mirrorAmong('https://packages.example/other|Other|Other')).toBeUndefined()
})

test('Go is recent from 1.26 on', () => {
  expect(
    ['go1.26', 'go1.26.8\n', 'go1.30rc1', 'go2.0', 'devel go1.27-abc'].filter((said) => !isGoRecent(said)),
  ).toEqual([])
  expect(['go1.25.9', 'go1.9', '', 'unknown'].filter(isGoRecent)).toEqual([])
})

test('each pool is made from its own disks, and only when it is missing', () => {
  const script = poolScript(labPools)
  const disks = labPools.flatMap((pool) => pool.disks)
  expect(new Set(disks).size).toBe(disks.length)
  for (const pool of labPools) {
    expect(script).toContain(`if ! zpool list -H -o name ${pool.name} `)
    expect(script).toContain(` ${pool.name} ${pool.layout} `)
  }
})
