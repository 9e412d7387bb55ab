import type { Proc } from './proc.ts'

/** A Kubo or a Cluster peer as /proc shows it. */
export interface DaemonProcess {
  pid: number
  kind: 'kubo' | 'cluster'
  unit: string | undefined
  /** The Kubo repository or the Cluster folder; undefined where its environment may not be read. */
  folder: string | undefined
  /** What it listens at, as addresses to ask; undefined where that may not be read. */
  listens: string[] | undefined
  /** It runs in a container: its folder is none of the host. */
  isContained: boolean
  /** It has a network of its own (a container): what it listens at cannot be reached by these addresses. */
  isApart: boolean
}

/** The daemons that run here; proc(5). */
export function daemonProcesses(proc: Proc): DaemonProcess[] {
  const pids = (proc.entries('') ?? []).filter((name) => /^\d+$/.test(name)).map(Number)
  return pids
    .toSorted((a, b) => a - b)
    .flatMap((pid): DaemonProcess[] => {
      const words = (proc.text(`${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '')
      const kind = kindOf(words)
      if (kind === undefined) return []
      const cgroup = proc.text(`${pid}/cgroup`) ?? ''
      const isOther = (space: 'net' | 'mnt' | 'pid') =>
        isApart(proc.link(`${pid}/ns/${space}`), proc.link(`self/ns/${space}`))
      // A unit that is closed off (PrivateTmp=, ProtectSystem=) has mounts of its own, and the host's paths all the same.
      const isContained = containerAt(partsOf(cgroup)) !== -1 || (isOther('mnt') && isOther('pid'))
      return [
        {
          pid,
          kind,
          unit: unitOf(cgroup),
          folder: isContained ? undefined : folderOf(kind, words, proc.text(`${pid}/environ`)),
          listens: listensAt(proc, pid),
          isContained,
          isApart: isOther('net'),
        },
      ]
    })
}

/** `ipfs daemon` and `ipfs-cluster-service daemon`, whatever stands between. */
function kindOf([program = '', ...words]: readonly string[]): 'kubo' | 'cluster' | undefined {
  if (!words.includes('daemon')) return undefined
  const name = program.slice(program.lastIndexOf('/') + 1)
  if (name === 'ipfs') return 'kubo'
  return name === 'ipfs-cluster-service' ? 'cluster' : undefined
}

/**
 * systemd names the cgroup after the unit. What runs in a login session or a container runs in no service of the system: its
 * own units lie below. A container of Podman that a unit of the host has started (Quadlet) belongs to that.
 */
function unitOf(cgroup: string): string | undefined {
  const parts = partsOf(cgroup)
  if (parts.includes('user.slice')) return undefined
  const at = containerAt(parts)
  if (at !== -1 && parts[at]?.startsWith('libpod') !== true) return undefined
  // systemd.unit(5): what a name may hold, escapes included.
  return (at === -1 ? parts : parts.slice(0, at)).findLast((part) => /^[\w:.\\@-]+\.service$/.test(part))
}

const partsOf = (cgroup: string): string[] =>
  (/^(?:0:|\d+:name=systemd):(\/.*)$/m.exec(cgroup)?.[1] ?? '').split('/').slice(1)

/** The part of the path at which a container begins: LXC, systemd-nspawn, Docker, Podman, Kubernetes, CRI-O, containerd. */
const containerAt = (parts: readonly string[]): number =>
  parts.findIndex((part) =>
    /^(?:lxc(?:\..*)?|machine\.slice|payload|systemd-nspawn@.*|docker(?:-.*\.scope)?|libpod.*|kubepods.*|crio-.*|cri-containerd.*)$/.test(
      part,
    ),
  )

const folderOptions = {
  kubo: { flags: ['--repo-dir', '--config', '-c'], variable: 'IPFS_PATH', inHome: '.ipfs' },
  cluster: { flags: ['--config', '-c'], variable: 'IPFS_CLUSTER_PATH', inHome: '.ipfs-cluster' },
}

function folderOf(kind: 'kubo' | 'cluster', words: readonly string[], environ: string | undefined): string | undefined {
  const { flags, variable, inHome } = folderOptions[kind]
  const variables = new Map(
    (environ ?? '').split('\0').map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)] as const),
  )
  const at = words.findIndex((word) => flags.includes(word))
  const joined = words.find((word) => flags.some((flag) => word.startsWith(`${flag}=`)))
  const named = at === -1 ? joined?.slice(joined.indexOf('=') + 1) : words[at + 1]
  const home = variables.get('HOME')
  const found = named ?? variables.get(variable) ?? (home === undefined ? undefined : `${home}/${inHome}`)
  return found?.startsWith('/') === true ? found.replace(/(?<=.)\/+$/, '') : undefined
}

const isApart = (theirs: string | undefined, ours: string | undefined): boolean =>
  theirs !== undefined && ours !== undefined && theirs !== ours

/** The sockets that a process holds and that wait for connections. */
function listensAt(proc: Proc, pid: number): string[] | undefined {
  const open = proc.entries(`${pid}/fd`)
  if (open === undefined) return undefined
  const inodes = new Set(open.flatMap((fd) => /^socket:\[(\d+)\]$/.exec(proc.link(`${pid}/fd/${fd}`) ?? '')?.[1] ?? []))
  return [
    ...listeners(proc.text(`${pid}/net/tcp`) ?? ''),
    ...listeners(proc.text(`${pid}/net/tcp6`) ?? ''),
    ...unixListeners(proc.text(`${pid}/net/unix`) ?? ''),
  ]
    .filter(({ inode }) => inodes.has(inode))
    .map(({ url }) => url)
}

interface Listener {
  inode: string
  url: string
}

/** Lines of /proc/net/tcp and tcp6 in state 0A, TCP_LISTEN; an address of all interfaces is asked on loopback. */
export function listeners(table: string): Listener[] {
  return table.split('\n').flatMap((line): Listener[] => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    const [, hex = '', port = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local) ?? []
    if (state !== '0A' || hex === '' || inode === undefined) return []
    return [{ inode, url: `http://${hex.length === 8 ? ipv4(hex) : ipv6(hex)}:${Number.parseInt(port, 16)}` }]
  })
}

/** Four bytes in the order of the machine; the machines that we know are little-endian. */
function ipv4(hex: string): string {
  const bytes = (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).toReversed()
  return bytes.every((byte) => byte === 0) ? '127.0.0.1' : bytes.join('.')
}

/** Four such words. `::` takes IPv4 too, unless it was told not to; Go's `tcp` listeners do. */
function ipv6(hex: string): string {
  const swapped = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).toReversed().join('')).join('')
  if (/^0+$/.test(swapped)) return '127.0.0.1'
  if (swapped.startsWith('00000000000000000000FFFF')) return ipv4(hex.slice(24))
  const groups = (swapped.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname
}

/** Lines of /proc/net/unix with the flag __SO_ACCEPTCON and a path. */
function unixListeners(table: string): Listener[] {
  return table.split('\n').flatMap((line): Listener[] => {
    const [, flags, inode, path] = /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) (\/.*)$/.exec(line) ?? []
    return flags === '00010000' && inode !== undefined && path !== undefined ? [{ inode, url: `unix:${path}` }] : []
  })
}
