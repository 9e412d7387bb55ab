import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { z } from 'zod'

import { builtTools, type BuiltImage } from './build.ts'
import { goTools, keyOf } from './images.ts'
import type { LabPaths } from './paths.ts'
import { diskBytes } from './pools.ts'
import { must } from './processes.ts'
import { allDisks } from './qemu.ts'
import { publicKey, type LabKeys } from './ssh.ts'

/** Makes the raw disks of a guest's pools, empty, where they are missing. */
export function makePoolDisks(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const disk of allDisks()) {
    const path = join(folder, `${disk}.raw`)
    if (existsSync(path)) continue
    writeFileSync(path, '')
    truncateSync(path, diskBytes)
  }
}

/** Makes the guest's own root disk over the image, where it is missing. */
export async function makeRootDisk(path: string, built: BuiltImage): Promise<void> {
  if (existsSync(path)) return
  await must('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', built.root, path])
}

/** Where Node keeps what it compiled, in a guest: without KVM, it spends most of the time of a short command on that. */
export const nodeCache = '/var/cache/tiercel-lab-node'

/** Makes the disk that tells a guest the keys of this lab when it starts. */
export async function makeSeedDisk(hostKey: string, keys: LabKeys, image: string): Promise<void> {
  const folder = `${image}.content`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 })
  put('ssh_host_ed25519_key', readFileSync(hostKey, 'utf8'))
  put('ssh_host_ed25519_key.pub', `${publicKey(hostKey)}\n`)
  put(
    'authorized_keys',
    `${publicKey(keys.root)}\nrestrict,command="NODE_COMPILE_CACHE=${nodeCache} exec /usr/local/bin/tiercel agent stdio" ${publicKey(keys.agent)}\n`,
  )
  put(
    'boot.sh',
    `set -eu
cd /opt/lab-seed
install -m 600 ssh_host_ed25519_key /etc/ssh/ssh_host_ed25519_key
install -m 644 ssh_host_ed25519_key.pub /etc/ssh/ssh_host_ed25519_key.pub
install -D -m 600 authorized_keys /etc/ssh/lab-keys/root
`,
  )
  await must('mke2fs', ['-q', '-F', '-t', 'ext4', '-L', 'lab-seed', '-d', folder, image, '8M'])
  rmSync(folder, { recursive: true })
}

/** Makes the disk with what all guests only read: Node, the packages of Tiercel, and Kubo and IPFS Cluster. Gives its path. */
export async function makeToolsDisk(paths: LabPaths): Promise<string> {
  const lock: unknown = JSON.parse(readFileSync(join(paths.checkout, 'node_modules', '.package-lock.json'), 'utf8'))
  const programs = goTools.flatMap((tools) =>
    Object.keys(tools.programs).map((program) => join(builtTools(paths, tools.name), program)),
  )
  const folder = join(paths.cache, 'tools')
  // By what lies on it: a tool that is only for developers makes no other disk, and so no other checkpoint.
  const image = join(folder, `${keyOf([...productionVersions(lock), ...programs])}.img`)
  if (existsSync(image)) return image
  const content = join(folder, `building-${process.pid}`)
  mkdirSync(join(content, 'ipfs'), { recursive: true })
  try {
    for (const name of productionPackages(lock)) {
      cpSync(join(paths.checkout, name), join(content, name), { recursive: true, verbatimSymlinks: true })
    }
    for (const program of programs) cpSync(program, join(content, 'ipfs', program.split('/').at(-1) ?? program))
    const options = [
      '-q',
      '-F',
      '-t',
      'ext4',
      '-m',
      '0',
      '-L',
      'lab-tools',
      '-O',
      '^has_journal',
      '-E',
      'root_owner=0:0',
    ]
    await must('mke2fs', [...options, '-d', content, `${content}.img`, '768M'])
    renameSync(`${content}.img`, image)
  } finally {
    rmSync(content, { recursive: true, force: true })
  }
  return image
}

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
})

const productionEntries = (lock: unknown) =>
  Object.entries(Lock.parse(lock).packages)
    .filter(([name, entry]) => name.startsWith('node_modules/') && entry.dev !== true && entry.devOptional !== true)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))

/** Folders of the packages that Tiercel needs when it runs, from npm's lock file. */
export function productionPackages(lock: unknown): string[] {
  return productionEntries(lock)
    .map(([name]) => name)
    .filter((name, _index, all) => !all.some((other) => name.startsWith(`${other}/`)))
}

/** What tells these packages from others: where each lies, its version, its contents. */
export function productionVersions(lock: unknown): string[] {
  return productionEntries(lock).map(([name, { version = '', integrity = '' }]) => `${name} ${version} ${integrity}`)
}
