import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CommandFailed, type Exec } from '../system/exec.ts'
import { daemonProcesses, listeners } from './daemon-processes.ts'
import { discoverHost } from './discover-host.ts'
import type { Proc } from './proc.ts'

const reported = readFileSync(
  join(import.meta.dirname, '../../../test/fixtures/reported/cgroups-of-containers.tsv'),
  'utf8',
)

const refuse: Exec = async (file, args) => {
  throw new CommandFailed({ file, args, exitCode: 1, stdout: 'secret', stderr: '' }, 'exited 1')
}

/** Lines of /proc/net/tcp and tcp6 as Linux 6.1 prints them. */
const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2386 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 263899 2 0000000016625198 100 0 0 10 0
   1: 00000000:0FA1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 263900 2 0000000016625198 100 0 0 10 0
   2: 0100007F:2386 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 263901 2 0000000016625198 100 0 0 10 0
`
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000001000000:1389 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0000000000000000 100 0 0 10 0
   1: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 78 1 0000000000000000 100 0 0 10 0
`
const unix = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 4242 /run/ipfs-cluster/api.sock
0000000000000000: 00000002 00000000 00000000 0002 01 4243 /run/other.sock
`

function proc(files: Record<string, string>, entries: Record<string, string[]> = {}): Proc {
  return { text: (path) => files[path], link: (path) => files[path], entries: (path) => entries[path] }
}

test('reads what waits for connections, and nothing else', () => {
  expect(listeners(tcp)).toEqual([
    { inode: '263899', url: 'http://127.0.0.1:9094' },
    { inode: '263900', url: 'http://127.0.0.1:4001' },
  ])
  expect(listeners(tcp6).map(({ url }) => url)).toEqual(['http://[::1]:5001', 'http://127.0.0.1:8080'])
  expect(listeners('garbage\n\n 0: zz')).toEqual([])
})

test('finds a daemon with its unit, its folder and its own sockets', () => {
  const found = daemonProcesses(
    proc(
      {
        '12/cmdline': '/usr/local/bin/ipfs-cluster-service\0daemon\0',
        '12/environ': 'HOME=/var/lib/ipfs\0IPFS_CLUSTER_PATH=/hot-tier/ipfs-cluster/cluster/\0',
        '12/cgroup': '0::/system.slice/system-ipfs\\x2dcluster.slice/ipfs-cluster@hot.service\n',
        '12/fd/7': 'socket:[263899]',
        '12/fd/8': 'socket:[4242]',
        '12/net/tcp': tcp,
        '12/net/tcp6': tcp6,
        '12/net/unix': unix,
        '12/ns/net': 'net:[1]',
        'self/ns/net': 'net:[1]',
        '13/cmdline': 'vim\0ipfs-cluster-service\0daemon\0',
        '14/cmdline': 'ipfs\0pin\0ls\0',
      },
      { '': ['self', '14', '13', '12'], '12/fd': ['0', '7', '8'] },
    ),
  )
  expect(found).toEqual([
    {
      pid: 12,
      kind: 'cluster',
      unit: 'ipfs-cluster@hot.service',
      folder: '/hot-tier/ipfs-cluster/cluster',
      listens: ['http://127.0.0.1:9094', 'unix:/run/ipfs-cluster/api.sock'],
      isContained: false,
      isApart: false,
    },
  ])
})

test.each([
  ['ipfs\0daemon\0', 'HOME=/root\0', '/root/.ipfs'],
  ['ipfs\0--repo-dir\0/srv/a b\0daemon\0', 'HOME=/root\0', '/srv/a b'],
  ['ipfs\0--repo-dir=/srv/x\0daemon\0', '', '/srv/x'],
  ['ipfs\0daemon\0', undefined, undefined],
  ['ipfs\0-c\0relative\0daemon\0', '', undefined],
])('the folder of %j', (cmdline, environ, folder) => {
  const files = { '1/cmdline': cmdline, ...(environ === undefined ? {} : { '1/environ': environ }) }
  expect(daemonProcesses(proc(files, { '': ['1'] }))).toMatchObject([{ folder }])
})

test.each([
  ['0::/user.slice/user-0.slice/user@0.service/app.slice/ipfs.service', undefined],
  ['0::/user.slice/user-0.slice/session-3.scope', undefined],
  ['0::/system.slice/docker-0a1b.scope', undefined],
  ['4:memory:/x\n1:name=systemd:/system.slice/ipfs.service\n0::/', 'ipfs.service'],
])('the unit of %s', (cgroup, unit) => {
  expect(daemonProcesses(proc({ '1/cmdline': 'ipfs\0daemon\0', '1/cgroup': cgroup }, { '': ['1'] }))).toMatchObject([
    { unit },
  ])
})

test('what cannot be seen is a note and no failure, and no file’s text gets out', async () => {
  const found = await discoverHost({
    host: 'n1',
    tiercelVersion: '0',
    exec: refuse,
    isRoot: false,
    proc: proc(
      {
        '1/cmdline': 'ipfs-cluster-service\0-c\0/secret\0daemon\0',
        '1/ns/net': 'net:[2]',
        'self/ns/net': 'net:[1]',
      },
      { '': ['1'] },
    ),
  })
  expect(found.notes.map((note) => note.split(':')[0])).toEqual([
    'ZFS pools could not be seen',
    'This was looked at without root',
    'The Cluster peer with process 1 has a network of its own (a container)',
  ])
  expect(found.daemons).toEqual([{ kind: 'cluster', folder: '/secret', asksCredentials: false, sees: [] }])
})

test('of a Cluster folder, consensus, tier and ID are taken, and no secret', async () => {
  const files: Record<string, string> = {
    '/c/service.json':
      '{"cluster":{"secret":"5ecret"},"consensus":{"raft":{}},"informer":{"tags":{"tags":{"tier":"cold"}}}}',
    '/c/identity.json': '{"id":"12D3","private_key":"5ecret"}',
  }
  const exec: Exec = async (file, args, options) => {
    const path = args.at(-1) ?? ''
    if (file === 'realpath') return `${path}\n`
    if (file === 'systemctl')
      return 'ipfs@cold.service loaded failed failed Kubo\nipfs.service loaded active running x\n'
    const text = file === 'cat' ? files[path] : undefined
    return text ?? refuse(file, args, options)
  }
  const found = await discoverHost({
    host: 'n1',
    tiercelVersion: '0',
    exec,
    isRoot: true,
    proc: proc({ '1/cmdline': 'ipfs-cluster-service\0-c\0/c\0daemon\0' }, { '': ['1'], '1/fd': [] }),
  })
  expect(found.daemons).toMatchObject([{ consensus: 'raft', tier: 'cold', id: '12D3', folder: '/c' }])
  expect(found.notes).toContainEqual(expect.stringContaining('The unit ipfs@cold.service is failed'))
  expect(JSON.stringify(found)).not.toContain('5ecret')
})

test('pools and mounted file systems, by the same two commands as the agent; volumes are no place for a folder', async () => {
  const asked: string[] = []
  const exec: Exec = async (file, args, options) => {
    asked.push(`${file} ${args[0]}`)
    if (file === 'zpool') return 'tank\t1\t1000\t10\t990\t1\t0\tONLINE\toff\n'
    if (file === 'zfs') {
      return [
        'tank\t2\tfilesystem\t10\t900\t5\t0\t0\t0\t/tank\tyes\ton\t-\t-',
        'tank/my data\t3\tfilesystem\t10\t900\t5\t0\t0\t0\tnone\tno\ton\t-\t-',
        'tank/volume\t4\tvolume\t10\t900\t5\t0\t-\t-\t-\t-\t-\t-\t-',
        '',
      ].join('\n')
    }
    return refuse(file, args, options)
  }
  const found = await discoverHost({ host: 'n1', tiercelVersion: '0', exec, isRoot: true, proc: proc({}, { '': [] }) })
  expect(asked).toEqual(['zpool list', 'zfs list', 'systemctl list-units'])
  expect(found).toMatchObject({
    pools: [{ name: 'tank', size: 1000, health: 'ONLINE' }],
    datasets: [
      { name: 'tank', mountpoint: '/tank', mounted: true },
      { name: 'tank/my data', mountpoint: 'none', mounted: false },
    ],
    daemons: [],
    notes: [],
  })
})

const containers = reported.split('\n').flatMap((line) => {
  const [cgroup = '', unit = ''] = line.split('\t')
  return line.startsWith('#') || line === '' ? [] : [{ cgroup, unit: unit === '-' ? undefined : unit }]
})

test.each([
  ...containers,
  { cgroup: '0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-0123.scope', unit: undefined },
  { cgroup: '0::/kubepods/besteffort/pod1/0123/system.slice/ipfs.service', unit: undefined },
  { cgroup: '0::/docker/0123/system.slice/ipfs.service', unit: undefined },
  { cgroup: '0::/machine.slice/libpod-0123.scope/container/system.slice/ipfs.service', unit: undefined },
  { cgroup: '0::/system.slice/ipfs.service/libpod-payload-0123', unit: 'ipfs.service' },
])('the unit of the host of $cgroup is $unit', ({ cgroup, unit }) => {
  const files = { '1/cmdline': 'ipfs\0daemon\0', '1/cgroup': cgroup, '1/environ': 'IPFS_PATH=/data/ipfs\0' }
  const isContainer = cgroup !== '0::/system.slice/ipfs.service'
  expect(daemonProcesses(proc(files, { '': ['1'] }))).toMatchObject([
    { unit, isContained: isContainer, folder: isContainer ? undefined : '/data/ipfs' },
  ])
})

test('mounts of its own make no container of a unit; processes of its own beside them do', () => {
  const files = {
    '1/cmdline': 'ipfs\0daemon\0',
    '1/cgroup': '0::/system.slice/ipfs.service',
    '1/environ': 'IPFS_PATH=/data/ipfs\0',
    '1/ns/mnt': 'mnt:[2]',
    'self/ns/mnt': 'mnt:[1]',
    'self/ns/pid': 'pid:[1]',
  }
  const folderWith = (pid: string) => daemonProcesses(proc({ ...files, '1/ns/pid': pid }, { '': ['1'] }))[0]?.folder
  expect([folderWith('pid:[1]'), folderWith('pid:[2]')]).toEqual(['/data/ipfs', undefined])
})
