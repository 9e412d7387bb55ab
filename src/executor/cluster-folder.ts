import { parse } from 'yaml'
import { z } from 'zod'
import { OpsError } from '../domain/errors.ts'
import { LocalStore } from '../domain/fleet.ts'
import { readRootFile } from '../adapters/policy/root-file.ts'

/** agent.yaml does not tell which folder is meant, or is not to be trusted. */
export class FolderNotKnown extends OpsError {
  readonly remedy = 'ask'
}

/** What is read of agent.yaml here. */
const Folders = z.object({ stores: z.array(LocalStore.pick({ name: true, clusterFolder: true }).strip()).default([]) })

/** The folder of a store's Cluster peer. Root opens only what root alone has written down. */
export function clusterFolderOf(path: string, store: string): string {
  const file = readRootFile(path)
  if (file.is === 'absent') throw new FolderNotKnown(`there is no ${path}`)
  if (file.is === 'refused') throw new FolderNotKnown(`${path} is not root’s alone: ${file.why}`)
  const read = Folders.safeParse(parse(file.text))
  if (!read.success) throw new FolderNotKnown(`${path} is not understood; check it with: tiercel agent check`)
  const folder = read.data.stores.find(({ name }) => name === store)?.clusterFolder
  if (folder === undefined) throw new FolderNotKnown(`${path} gives no clusterFolder for a store ${store}`)
  return folder
}
