import { z } from 'zod'
import { ClusterSettings } from '../../domain/daemons.ts'

// service.json of ipfs-cluster 1.1.6 (recorded in test/fixtures) holds the cluster secret and passwords in plain text.
// Here it becomes the few settings that Tiercel judges. Whatever goes wrong, nothing of the text is repeated.

/** What service.json alone says, without the environment. */
export const FileSettings = ClusterSettings.omit({ fromEnvironment: true, mayBeOverridden: true })
export type FileSettings = z.infer<typeof FileSettings>

const addresses = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((some) => (typeof some === 'string' ? [some] : (some ?? [])).filter((address) => address !== ''))

const ServiceJson = z.object({
  // Absent keys have the defaults of the program (facts of 1.1.6, cluster_config.go and its neighbours).
  // `null` for a map, a list or a value leaves them too (encoding/json of Go).
  cluster: z.object({ disable_repinning: z.boolean().nullish() }).nullish(),
  consensus: z.object({
    crdt: z.object({ trusted_peers: z.array(z.string()).nullish() }).nullish(),
    raft: z.looseObject({}).nullish(),
  }),
  api: z
    .object({
      restapi: z.object({ http_listen_multiaddress: addresses }).nullish(),
      ipfsproxy: z.object({ listen_multiaddress: addresses }).nullish(),
      pinsvcapi: z.object({ http_listen_multiaddress: addresses }).nullish(),
    })
    .nullish(),
  allocator: z.object({ balanced: z.object({ allocate_by: z.array(z.string()).nullish() }).nullish() }).nullish(),
})

/** Undefined where the text is not a service.json that we understand. Never throws: an error would quote the text. */
export function readServiceJson(text: string): FileSettings | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const parsed = ServiceJson.safeParse(json)
  if (!parsed.success) return undefined
  const { cluster, consensus, api, allocator } = parsed.data
  return {
    consensus: consensus.crdt === undefined || consensus.crdt === null ? 'raft' : 'crdt',
    disableRepinning: cluster?.disable_repinning ?? true,
    trustedPeers: consensus.crdt?.trusted_peers ?? [],
    allocateBy: allocator?.balanced?.allocate_by ?? ['tag:group', 'freespace'],
    listens: {
      restApi: api?.restapi?.http_listen_multiaddress ?? [],
      ipfsProxy: api?.ipfsproxy?.listen_multiaddress ?? [],
      pinningApi: api?.pinsvcapi?.http_listen_multiaddress ?? [],
    },
  }
}

/** Whether the peer reads its settings from a URL at each start (`source`, config.go of 0.11 to 1.1.6): the file has none then. */
export function isFromUrl(text: string): boolean {
  try {
    return z.object({ source: z.string().min(1) }).safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

/** The variables that override what we judge (seen on 1.1.6); none of them is a secret, and no other one is looked at. */
const overriding: Readonly<Record<string, (settings: FileSettings, value: string) => FileSettings>> = {
  CLUSTER_DISABLEREPINNING: (settings, value) => {
    // Go's strconv.ParseBool; anything else keeps the daemon from starting.
    return { ...settings, disableRepinning: /^(1|t|true)$/i.test(value) }
  },
  CLUSTER_CRDT_TRUSTEDPEERS: (settings, value) => {
    return { ...settings, trustedPeers: list(value) }
  },
  CLUSTER_BALANCED_ALLOCATEBY: (settings, value) => {
    return { ...settings, allocateBy: list(value) }
  },
  CLUSTER_RESTAPI_HTTPLISTENMULTIADDRESS: (settings, value) => {
    return { ...settings, listens: { ...settings.listens, restApi: list(value) } }
  },
  CLUSTER_IPFSPROXY_LISTENMULTIADDRESS: (settings, value) => {
    return { ...settings, listens: { ...settings.listens, ipfsProxy: list(value) } }
  },
  CLUSTER_PINSVCAPI_HTTPLISTENMULTIADDRESS: (settings, value) => {
    return { ...settings, listens: { ...settings.listens, pinningApi: list(value) } }
  },
}

/** The only variables that may be kept of a unit's environment: the others may be secrets. */
export const harmlessVariables: ReadonlySet<string> = new Set(Object.keys(overriding))

const list = (value: string): string[] => value.split(',').filter((item) => item !== '')

/** What the daemon really runs with: its environment overrides service.json without a word. */
export function withEnvironment(
  file: FileSettings,
  environment: ReadonlyMap<string, string>,
  { mayBeOverridden }: Pick<ClusterSettings, 'mayBeOverridden'>,
): ClusterSettings {
  let settings = file
  const fromEnvironment: string[] = []
  for (const [name, override] of Object.entries(overriding)) {
    const value = environment.get(name)
    if (value === undefined) continue
    settings = override(settings, value)
    fromEnvironment.push(name)
  }
  return { ...settings, fromEnvironment, mayBeOverridden }
}
