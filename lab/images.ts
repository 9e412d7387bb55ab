import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A kind of guest. */
export interface GuestImage {
  readonly name: string
  readonly suite: 'bookworm' | 'trixie'
  /** Where apt takes OpenZFS from. */
  readonly zfsRelease: 'bookworm' | 'bookworm-backports' | 'trixie-backports'
  /** Processor for the emulator when there is no KVM. */
  readonly emulatedCpu: string
  /** Room for half of it as ARC beside agent, executor, controller and a command or two. */
  readonly memoryMiB: number
  /** Built and started unless told otherwise; its results gate. */
  readonly gates: boolean
  /** Whether a Kubo and a Cluster peer run inside, on its hot-tier. */
  readonly pair: boolean
}

/** The guests that the lab knows. */
export const guestImages: readonly GuestImage[] = [
  {
    name: 'deb12-zfs21',
    suite: 'bookworm',
    zfsRelease: 'bookworm',
    emulatedCpu: 'max',
    memoryMiB: 2048,
    gates: true,
    pair: false,
  },
  {
    name: 'deb12-zfs23',
    suite: 'bookworm',
    zfsRelease: 'bookworm-backports',
    emulatedCpu: 'max',
    memoryMiB: 2048,
    gates: true,
    pair: true,
  },
  {
    name: 'deb13-zfs24',
    suite: 'trixie',
    zfsRelease: 'trixie-backports',
    // Linux 6.12 panics under multi-threaded TCG of QEMU 7.2 when the processor offers cmpxchg16b.
    emulatedCpu: 'max,-cx16',
    memoryMiB: 2048,
    gates: true,
    pair: false,
  },
]

/** The guests whose results gate, by name. */
export const gatingGuests: readonly string[] = guestImages.filter(({ gates }) => gates).map(({ name }) => name)

const recipeFolder = join(import.meta.dirname, 'image')
const goFolder = join(import.meta.dirname, 'go')

/** The name of this image's folder in the cache: another recipe has another name. */
export function imageKey(image: GuestImage): string {
  const files = readdirSync(recipeFolder).toSorted()
  return keyOf([image.name, image.suite, image.zfsRelease, ...files.map((file) => read(recipeFolder, file))])
}

/** A tools module of the lab: the programs it builds, and the packages they come from. */
export interface GoTools {
  readonly name: string
  readonly programs: Readonly<Record<string, string>>
}

export const goTools: readonly GoTools[] = [
  {
    name: 'cluster',
    programs: {
      'ipfs-cluster-service': 'github.com/ipfs-cluster/ipfs-cluster/cmd/ipfs-cluster-service',
      'ipfs-cluster-ctl': 'github.com/ipfs-cluster/ipfs-cluster/cmd/ipfs-cluster-ctl',
    },
  },
  { name: 'kubo', programs: { ipfs: 'github.com/ipfs/kubo/cmd/ipfs' } },
]

/** The name of these programs' folder in the cache. */
export function goKey(tools: GoTools): string {
  return keyOf([tools.name, read(goFolder, tools.name, 'go.mod'), read(goFolder, tools.name, 'go.sum')])
}

/** A short hash of these texts in this order. */
export function keyOf(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}\n`).update(part)
  return hash.digest('hex').slice(0, 16)
}

function read(...path: readonly string[]): string {
  return readFileSync(join(...path), 'utf8')
}
