import type { Installed } from '../../domain/machine.ts'
import type { Exec } from '../system/exec.ts'
import { output } from './find-files.ts'

/**
 * The modules of all kernels: Debian builds `updates/dkms/zfs.ko`, Fedora `extra/zfs.ko.xz`, Ubuntu ships
 * `kernel/zfs/zfs.ko.zst`, Proxmox `kernel/zfs/zfs.ko`: so all of it is searched. `build` and `source` are links to headers.
 */
export const moduleArgs: readonly string[] = [
  '/lib/modules/',
  '-mindepth',
  '2',
  '(',
  '-name',
  'zfs.ko',
  '-o',
  '-name',
  'zfs.ko.*',
  '-o',
  '-name',
  'modules.order',
  '-o',
  '-name',
  'vmlinuz',
  ')',
  '-printf',
  '%P\\0',
]

/** The images that a boot loader is given: Debian, Ubuntu and Fedora keep `/boot/vmlinuz-RELEASE`. */
export const imageArgs: readonly string[] = ['/boot/', '-maxdepth', '1', '-name', 'vmlinuz-*', '-printf', '%P\\0']

export async function readKernels(exec: Exec, signal?: AbortSignal): Promise<Installed['kernels']> {
  const modules = await output(exec, 'find', moduleArgs, signal)
  const images = await output(exec, 'find', imageArgs, signal)
  return parseKernels(modules, images)
}

/**
 * The kernels that can be booted: those with an image. Where none has one (another boot loader keeps them elsewhere), those
 * with modules. What is left of a removed kernel, a folder with our module alone, is no kernel.
 */
export function parseKernels(modules: string, images: string): Installed['kernels'] {
  const paths = modules.split('\0').filter((path) => path.includes('/'))
  const withZfs = releases(paths.filter((path) => /\/zfs\.ko(\.[a-z0-9]+)?$/.test(path)))
  const withModules = releases(paths.filter((path) => path.endsWith('/modules.order')))
  const withImage = new Set([
    ...releases(paths.filter((path) => /^[^/]+\/vmlinuz$/.test(path))),
    ...images
      .split('\0')
      .map((name) => name.slice('vmlinuz-'.length))
      .filter((name) => name !== '' && withModules.has(name)),
  ])
  return [...(withImage.size > 0 ? withImage : withModules)]
    .toSorted()
    .slice(-maxKernels)
    .map((release) => ({ release, hasZfs: withZfs.has(release) }))
}

/** More kernels than anybody keeps. */
const maxKernels = 50

/** The first folder of each path. */
const releases = (paths: readonly string[]): Set<string> =>
  new Set(paths.map((path) => path.slice(0, path.indexOf('/'))))
