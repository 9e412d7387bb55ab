import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { LabError } from './errors.ts'
import { must, run } from './processes.ts'

/** A program of the machine, and the Debian package that holds it. */
interface Requirement {
  readonly program: string
  readonly debianPackage: string
}

const running: readonly Requirement[] = [
  { program: 'qemu-system-x86_64', debianPackage: 'qemu-system-x86' },
  { program: 'qemu-img', debianPackage: 'qemu-utils' },
  { program: 'mke2fs', debianPackage: 'e2fsprogs' },
  { program: 'ssh', debianPackage: 'openssh-client' },
  { program: 'ssh-keygen', debianPackage: 'openssh-client' },
  { program: 'tar', debianPackage: 'tar' },
]
const building: readonly Requirement[] = [
  ...running,
  { program: 'mmdebstrap', debianPackage: 'mmdebstrap' },
  { program: 'unshare', debianPackage: 'util-linux' },
]
/**
 * What platform tests start beside the lab. The package may also start a server of its own, on loopback alone; the tests
 * leave it alone, and make theirs in a folder of their own.
 */
const testing: readonly Requirement[] = [{ program: 'pg_ctlcluster', debianPackage: 'postgresql' }]
const servingSsh: readonly Requirement[] = [{ program: 'sshd', debianPackage: 'openssh-server' }]
const needed = { running, building, testing, servingSsh }

/** Installs what is missing, or says what it is to somebody who may not install it. */
export async function require(purpose: keyof typeof needed, say: (line: string) => void): Promise<void> {
  const missing = new Set(
    needed[purpose].filter(({ program }) => find(program) === undefined).map(({ debianPackage }) => debianPackage),
  )
  if (missing.size === 0) return
  const packages = [...missing].toSorted()
  // Its package starts a daemon that lets people in from outside. Where nothing starts services, it does not.
  if (purpose === 'servingSsh' && existsSync('/run/systemd/system')) {
    throw new LabError(`install an SSH daemon first, which also starts it: apt-get install ${packages.join(' ')}`)
  }
  if (find('apt-get') === undefined) {
    throw new LabError(`the lab needs these Debian packages, and there is no apt-get here: ${packages.join(' ')}`)
  }
  if (!isRoot()) {
    throw new LabError(
      `the lab needs Debian packages that are not installed; as root: apt-get install ${packages.join(' ')}`,
    )
  }
  say(`installing ${packages.join(' ')}`)
  await aptUpdate()
  await must('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  })
}

/** Root file systems are made by root only: they hold devices, owners and a chroot. */
export function requireRoot(what: string): void {
  if (!isRoot()) throw new LabError(`${what} needs root: run "sudo npm run lab -- build" once, then go on as you are`)
}

/** Go ≥ 1.26 builds Kubo and IPFS Cluster. */
export async function requireGo(): Promise<void> {
  if (find('go') === undefined) throw new LabError('the lab builds Kubo and IPFS Cluster: install Go 1.26 or later')
  const said = await must('go', ['env', 'GOVERSION'], { cwd: '/' })
  if (!isGoRecent(said)) throw new LabError(`the lab needs Go 1.26 or later; this is ${said.trim()}`)
}

/** Whether this answer of `go env GOVERSION` is 1.26 or later; development versions of Go count as recent. */
export function isGoRecent(said: string): boolean {
  const match = /^go(\d+)\.(\d+)/.exec(said.trim())
  if (match === null) return said.startsWith('devel')
  const [major, minor] = [Number(match[1]), Number(match[2])]
  return major > 1 || (major === 1 && minor >= 26)
}

/** The mirror that this machine's own apt uses for Debian; TIERCEL_LAB_MIRROR overrides it. */
export async function debianMirror(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const told = env['TIERCEL_LAB_MIRROR']
  if (told !== undefined) return told
  let mirror = mirrorAmong(await aptTargets())
  if (mirror === undefined) {
    await aptUpdate()
    mirror = mirrorAmong(await aptTargets())
  }
  if (mirror !== undefined) return mirror
  throw new LabError("no Debian mirror among this machine's apt sources: set TIERCEL_LAB_MIRROR to the URL of one")
}

/** The first repository that is Debian itself, not its security archive or somebody else's. */
export function mirrorAmong(targets: string): string | undefined {
  for (const line of targets.split('\n')) {
    const [uri, origin, label] = line.split('|')
    if (uri !== undefined && origin === 'Debian' && label === 'Debian') return uri
  }
  return undefined
}

function aptTargets(): Promise<string> {
  return must('apt-get', ['indextargets', '--format', '$(REPO_URI)|$(ORIGIN)|$(LABEL)', 'Created-By: Packages'])
}

/** One foreign source that does not answer is no reason to stop. */
async function aptUpdate(): Promise<void> {
  await run('apt-get', ['update', '-qq'])
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** Where a program of the machine lies. */
export function find(program: string): string | undefined {
  // The sbin folders are not on the path of an ordinary user, but mke2fs is there and may be run by anyone.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
