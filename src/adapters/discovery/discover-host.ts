import { z } from 'zod'
import type { Dataset } from '../../domain/dataset.ts'
import { explain, Stuck } from '../../domain/errors.ts'
import type { FoundDaemon, HostDiscovery } from '../../domain/init/discovery.ts'
import { isReadInPart, partOf } from '../../domain/read-in-part.ts'
import { seconds } from '../../domain/units.ts'
import type { Exec } from '../system/exec.ts'
import { eachDataset } from '../zfs/datasets.ts'
import { listPools } from '../zfs/pools.ts'
import { askDaemon } from './ask-daemon.ts'
import { type DaemonProcess, daemonProcesses } from './daemon-processes.ts'
import type { Proc } from './proc.ts'

/** What a service.json is asked for; it holds the cluster's secret, which goes no further than this parse. */
const ServiceFile = z.object({
  consensus: z.record(z.string(), z.unknown()).optional(),
  informer: z.object({ tags: z.object({ tags: z.record(z.string(), z.string()) }).optional() }).optional(),
})

/** The private key that stands beside it is not looked at. */
const IdentityFile = z.object({ id: z.string() })

/** Where the APIs listen unless they are told otherwise, for a process whose sockets may not be seen. */
const usual = { kubo: ['http://127.0.0.1:5001'], cluster: ['http://127.0.0.1:9094'] }

/**
 * Looks at this host for pools, datasets, Kubos and Cluster peers. Changes nothing, and asks only daemons that run here.
 * What cannot be seen is a note, not a failure. Paths that may lie on a pool are touched by programs with a deadline only.
 */
export async function discoverHost(options: {
  host: string
  tiercelVersion: string
  exec: Exec
  proc: Proc
  isRoot: boolean
}): Promise<HostDiscovery> {
  const { host, tiercelVersion, exec, proc, isRoot } = options
  const notes: string[] = []
  const orNone = async <T>(what: string, look: () => Promise<T[]>): Promise<T[]> => {
    try {
      return await look()
    } catch (error) {
      notes.push(`${what} could not be seen: ${explain(error)}`)
      return isReadInPart<T[]>(error) ? error.read : []
    }
  }
  const pools = await orNone('ZFS pools', async () => listPools(exec))
  const datasets = pools.length === 0 ? [] : await orNone('ZFS datasets', async () => allDatasets(exec))
  const found = daemonProcesses(proc)
  if (!isRoot && found.some(({ listens }) => listens === undefined)) {
    notes.push('This was looked at without root: addresses and folders of some daemons could not be seen.')
  }
  const daemons = await Promise.all(found.map(async (process) => describe(process, exec, notes)))
  notes.push(...(await stoppedUnits(exec, daemons)))
  return {
    apiVersion: 1,
    host,
    tiercelVersion,
    pools: pools.map(({ name, size, health }) => ({ name, size, health })),
    datasets: datasets
      .filter(({ type }) => type === 'filesystem')
      .map(({ name, mountpoint, mounted }) => ({ name, mountpoint, mounted })),
    daemons,
    notes,
  }
}

async function allDatasets(exec: Exec): Promise<Dataset[]> {
  const all: Dataset[] = []
  const { conclude } = await partOf(eachDataset(exec, (dataset) => void all.push(dataset)))
  return conclude(all)
}

async function describe(process: DaemonProcess, exec: Exec, notes: string[]): Promise<FoundDaemon> {
  const { pid, kind, unit, listens, isApart, isContained } = process
  const called = `${kind === 'kubo' ? 'The Kubo' : 'The Cluster peer'} with process ${pid}`
  const folder = process.folder === undefined ? undefined : await realFolder(process.folder, exec, notes)
  if (isContained) notes.push(`${called} runs in a container: its folder must be filled in, as the host has it.`)
  if (isApart) notes.push(`${called} has a network of its own (a container): its addresses must be filled in.`)
  const said = isApart ? undefined : await askDaemon(kind, listens ?? usual[kind])
  if (said === undefined && !isApart) notes.push(`${called} did not answer on any address that could be seen.`)
  const files = kind === 'cluster' && folder !== undefined ? await clusterFiles(folder, exec) : {}
  return {
    kind,
    ...(unit === undefined ? {} : { unit }),
    ...(folder === undefined ? {} : { folder }),
    ...files,
    // What it says itself counts: files can be newer than what runs.
    ...(said ?? { asksCredentials: false, sees: [] }),
  }
}

/** A repository is often a link to where it lies. */
async function realFolder(folder: string, exec: Exec, notes: string[]): Promise<string> {
  try {
    return (await exec('realpath', ['--', folder], { deadline: seconds(5) })).replace(/\n$/, '')
  } catch (error) {
    // On a suspended pool it hangs: then nothing in the folder could be read either.
    if (error instanceof Stuck) notes.push(`The folder ${folder} could not be looked at: ${explain(error)}`)
    return folder
  }
}

/** What the files in a Cluster folder say. Neither their text nor what a parser says of it may be shown: they hold secrets. */
async function clusterFiles(folder: string, exec: Exec): Promise<Pick<FoundDaemon, 'consensus' | 'tier' | 'id'>> {
  const read = async <S extends z.ZodType>(name: string, schema: S): Promise<z.output<S> | undefined> => {
    try {
      const limits = { deadline: seconds(5), maxBytes: 1024 * 1024 }
      return schema.parse(JSON.parse(await exec('cat', ['--', `${folder}/${name}`], limits)))
    } catch {
      return undefined
    }
  }
  const service = await read('service.json', ServiceFile)
  const identity = await read('identity.json', IdentityFile)
  const kinds = (['crdt', 'raft'] as const).filter((kind) => service?.consensus?.[kind] !== undefined)
  const tier = service?.informer?.tags?.tags['tier']
  const [only] = kinds
  return {
    ...(kinds.length === 1 && only !== undefined ? { consensus: only } : {}),
    ...(tier === undefined ? {} : { tier }),
    ...(identity === undefined ? {} : { id: identity.id }),
  }
}

/** Services with a telling name that do not run: a daemon that is down now belongs into the files too. */
async function stoppedUnits(exec: Exec, daemons: readonly FoundDaemon[]): Promise<string[]> {
  try {
    const listed = await exec(
      'systemctl',
      ['list-units', '--all', '--type=service', '--plain', '--no-legend', '--no-pager', '*ipfs*', '*kubo*'],
      { deadline: seconds(10) },
    )
    return listed.split('\n').flatMap((line) => {
      const [unit = '', , active = ''] = line.trim().split(/\s+/)
      if (unit === '' || active === 'active' || daemons.some((daemon) => daemon.unit === unit)) return []
      return [`The unit ${unit} is ${active}: start it and run tiercel init again, or add its store by hand.`]
    })
  } catch {
    // A machine without systemd has no units to tell of.
    return []
  }
}
