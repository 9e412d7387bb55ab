import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'

import { LabError } from './errors.ts'
import { goKey, goTools, guestImages, imageKey, type GoTools, type GuestImage } from './images.ts'
import type { LabPaths } from './paths.ts'
import { must, mustLogged, startTimeOf } from './processes.ts'
import { debianMirror, require, requireGo, requireRoot } from './requirements.ts'

/** Files of one built image. */
export interface BuiltImage {
  readonly key: string
  readonly root: string
  readonly kernel: string
  readonly initrd: string
}

type Say = (line: string) => void

/** Where this image lies in the cache, whether built or not. */
export function builtImage(paths: LabPaths, image: GuestImage): BuiltImage {
  const key = imageKey(image)
  const folder = join(paths.cache, 'images', `${image.name}-${key}`)
  return { key, root: join(folder, 'root.img'), kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'initrd') }
}

/** Folder of the built programs of Kubo or IPFS Cluster. */
export function builtTools(paths: LabPaths, name: string): string {
  const tools = goTools.find((each) => each.name === name)
  if (tools === undefined) throw new LabError(`no tools module ${name}`)
  return join(paths.cache, 'go', `${tools.name}-${goKey(tools)}`)
}

/** Builds what is not in the cache under its key: images of these guests, and Kubo and IPFS Cluster. */
export async function build(paths: LabPaths, wanted: readonly string[], say: Say): Promise<void> {
  const images = guestImages.filter(
    (image) => wanted.includes(image.name) && !existsSync(builtImage(paths, image).root),
  )
  const tools = goTools.filter((each) => !existsSync(builtTools(paths, each.name)))
  if (images.length === 0 && tools.length === 0) return
  if (images.length > 0) {
    requireRoot('building the images of the guests')
    await require('building', say)
  }
  if (tools.length > 0) await requireGo()
  await removeAbandoned(paths)
  const work = join(paths.cache, `building-${process.pid}`)
  const logs = join(paths.cache, 'logs')
  mkdirSync(work, { recursive: true })
  mkdirSync(logs, { recursive: true })
  const context = { paths, work, logs, say }
  try {
    // Root file systems and Go take both processors in turn; together they finish sooner than one after another.
    await settled([buildImages(images, context), buildAllTools(tools, context)])
  } finally {
    await removeTree(work)
  }
}

interface Context {
  readonly paths: LabPaths
  readonly work: string
  readonly logs: string
  readonly say: Say
}

async function buildImages(images: readonly GuestImage[], context: Context): Promise<void> {
  if (images.length === 0) return
  const mirror = await debianMirror()
  const suites = Map.groupBy(images, (image) => image.suite)
  // Unpacking and the checks of `configure` keep one processor busy: side by side they leave none idle.
  await settled([...suites].map(([suite, members]) => buildSuite(suite, members, mirror, context)))
}

async function buildSuite(
  suite: GuestImage['suite'],
  members: readonly GuestImage[],
  mirror: string,
  context: Context,
): Promise<void> {
  const base = join(context.work, suite)
  const backports = members.some(({ zfsRelease }) => zfsRelease === `${suite}-backports`) ? 'yes' : 'no'
  await timed(`root file system of Debian ${suite}`, context.say, () =>
    mustLogged('sh', [recipe('base.sh'), base, suite, mirror, backports], {
      logFile: join(context.logs, `${suite}.log`),
    }),
  )
  await settled(members.map((image) => buildImage(image, base, context)))
  await removeTree(base)
}

async function buildImage(image: GuestImage, base: string, context: Context): Promise<void> {
  const logFile = join(context.logs, `${image.name}.log`)
  const root = join(context.work, image.name)
  const output = join(context.work, `${image.name}.out`)
  // The key of the recipe as it is now: whoever edits it meanwhile gets another image.
  const built = builtImage(context.paths, image)
  await timed(`image of ${image.name}`, context.say, async () => {
    await must('cp', ['-a', base, root])
    await mustLogged('unshare', ['--mount', 'sh', recipe('zfs.sh'), root, image.zfsRelease], { logFile })
    await mustLogged('sh', [recipe('finish.sh'), root, image.name, output], { logFile })
    await removeTree(root)
  })
  publish(output, join(built.root, '..'))
}

async function buildAllTools(list: readonly GoTools[], context: Context): Promise<void> {
  for (const tools of list) {
    const output = join(context.work, tools.name)
    const folder = builtTools(context.paths, tools.name)
    mkdirSync(output)
    const options = ['-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags=-s -w', '-o', `${output}/`]
    await timed(`programs of ${tools.name}`, context.say, () =>
      mustLogged('go', ['build', ...options, ...Object.values(tools.programs)], {
        cwd: join(import.meta.dirname, 'go', tools.name),
        env: { CGO_ENABLED: '0', GOFLAGS: '' },
        logFile: join(context.logs, `${tools.name}.log`),
      }),
    )
    publish(output, folder)
  }
}

function recipe(file: string): string {
  return join(import.meta.dirname, 'image', file)
}

/** A folder of the cache appears whole or not at all. */
function publish(from: string, to: string): void {
  mkdirSync(join(to, '..'), { recursive: true })
  if (!existsSync(to)) renameSync(from, to)
}

/** What builds that were cut off have left. */
async function removeAbandoned(paths: LabPaths): Promise<void> {
  if (!existsSync(paths.cache)) return
  for (const name of readdirSync(paths.cache)) {
    const pid = /^building-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && startTimeOf(Number(pid)) === undefined) await removeTree(join(paths.cache, name))
  }
}

/** Never leaves the file system it began on: a root file system may have had others mounted in it. */
async function removeTree(folder: string): Promise<void> {
  await must('rm', ['-rf', '--one-file-system', folder])
}

/** Waits for all, then fails with the first failure: nothing is left running behind. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work)
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

async function timed(what: string, say: Say, work: () => Promise<void>): Promise<void> {
  const start = Date.now()
  say(`building: ${what}`)
  await work()
  say(`built: ${what} (${Math.round((Date.now() - start) / 1000)} s)`)
}
