import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { OpsError } from '../domain/errors.ts'
import { LocalStore } from '../domain/fleet.ts'
import { isRootsAlone } from '../adapters/policy/root-file.ts'

/** agent.yaml does not tell which folder is meant, or is not to be trusted. */
export class FolderNotKnown extends OpsError {
  readonly remedy = 'ask'
}

/** What is read of agent.yaml here. */
const Folders = z.object({ stores: z.array(LocalStore.pick({ name: true, clusterFolder: true }).strip()).default([]) })

/** The folder of a store's Cluster peer. Root opens only what root alone has written down. */
export function clusterFolderOf(path: string, store: string): string {
  if (isRootsAlone(path) !== true) {
    throw new FolderNotKnown(`${path} must belong to root, and nobody else may write it (chown root, chmod go-w)`)
  }
  const read = Folders.safeParse(parse(readFileSync(path, 'utf8')))
  if (!read.success) throw new FolderNotKnown(`${path} is not understood; check it with: tiercel agent check`)
  const folder = read.data.stores.find(({ name }) => name === store)?.clusterFolder
  if (folder === undefined) throw new FolderNotKnown(`${path} gives no clusterFolder for a store ${store}`)
  return folder
}
