import { z } from 'zod'
import { CheckSettings, thresholds } from './check-settings.ts'
import { ProcedureSettings } from './procedure-settings.ts'
import { DurationText } from './text-units.ts'
import { minutes } from './units.ts'
import { Window } from './window.ts'

/** A name in our files: short, printable, no slash, so that `host/pool/disk` can be taken apart again. */
export const Name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    'a name is letters, digits, `.`, `_`, `-`, at most 63, and starts with a letter or digit',
  )

/** A ZFS pool or dataset name (zfsconcepts(7)); blanks are allowed there. */
export const PoolName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.: -]*$/, 'a pool name starts with a letter (zpool-create(8))')
export const DatasetName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.: -]*(\/[A-Za-z0-9_.: -]+)*$/, 'a dataset is named pool/path, without a leading slash')

/** The ID of a Cluster or Kubo peer: base58 (`12D3…`, `Qm…`) or a base32/base36 CID. */
export const PeerId = z
  .string()
  .regex(/^[A-Za-z0-9]{46,66}$/, 'a peer ID is 46 to 66 letters and digits, as `ipfs-cluster-ctl id` prints it')

/** Where an HTTP API listens. */
export const ApiUrl = z
  .string()
  .regex(
    /^(https?:\/\/[^\s/]+\/?|unix:\/.+)$/,
    'an API address is http://HOST:PORT, https://HOST:PORT or unix:/PATH (credentials are given by reference, under auth)',
  )
  .refine((url) => !url.includes('@'), 'an API address holds no password: give it by reference, under auth')

/** Where a secret is kept. It is read on the machine that makes the request, and is never shown. */
export const SecretRef = z.union(
  [z.strictObject({ file: z.string().startsWith('/') }), z.strictObject({ env: z.string().min(1) })],
  'a secret is named by { file: /PATH } or { env: NAME }',
)
export type SecretRef = z.infer<typeof SecretRef>

/** How to authenticate to an API. */
export const Auth = z.union(
  [
    z.strictObject({ basic: z.strictObject({ user: z.string().min(1), password: SecretRef }) }),
    z.strictObject({ bearer: z.strictObject({ token: SecretRef }) }),
  ],
  'auth is { basic: { user, password: { file | env } } } or { bearer: { token: { file | env } } }',
)
export type Auth = z.infer<typeof Auth>

/** An HTTP API that we speak to: where, and with which credentials. */
export const Api = z.union([
  ApiUrl.transform((url) => ({ url })),
  z.strictObject({
    url: ApiUrl,
    auth: Auth.optional(),
    /** A file with the certificate authority of an https address; the system's otherwise. */
    ca: z.string().startsWith('/').optional(),
  }),
])
export type Api = { url: string; auth?: Auth | undefined; ca?: string | undefined }

/** What the fleet file and the agent file both say of a store. */
const storeFields = {
  name: Name.describe('Short name, unique on its host: hot'),
  tier: Name.describe('The tier it belongs to, one of `tiers`'),
  cluster: Name.describe('The cluster its peer belongs to, one of `clusters`'),
  pool: PoolName.optional().describe('The ZFS pool; leave out only where the store is not on ZFS'),
  dataset: DatasetName.optional().describe('The dataset that holds the Kubo repository and the Cluster folder'),
  clusterApi: Api.optional().describe('Address of the IPFS Cluster REST API of this store'),
  kuboApi: Api.optional().describe('Address of the Kubo RPC API of this store'),
}

/** A store as the fleet file declares it. */
export const StoreDeclaration = z.strictObject({
  ...storeFields,
  peer: PeerId.optional().describe('The expected ID of the Cluster peer'),
})
export type StoreDeclaration = z.infer<typeof StoreDeclaration>

/** A store as its host knows it (agent.yaml). */
export const LocalStore = z.strictObject({
  ...storeFields,
  units: z
    .strictObject({ cluster: z.string().optional(), kubo: z.string().optional() })
    .optional()
    .describe('The systemd units of this store'),
  clusterFolder: z
    .string()
    .startsWith('/', 'a path begins with /')
    .optional()
    .describe('The folder of the Cluster peer, with service.json; it is read for settings, never for secrets'),
})
export type LocalStore = z.infer<typeof LocalStore>

/** How to reach the agent of a host. */
export const HostAddress = z
  .string()
  .regex(
    /^(local|unix:\/.+|ssh:\/\/[A-Za-z0-9._@:[\]-]+)$/,
    'an address is local, unix:/PATH or ssh://[USER@]HOST[:PORT]',
  )

export const HostDeclaration = z.strictObject({
  name: Name,
  address: HostAddress.describe('local (no agent needed), unix:/PATH of an agent socket, or ssh://[USER@]HOST[:PORT]'),
  token: SecretRef.optional().describe('The agent token, for unix: addresses; ssh needs none'),
  grantToken: SecretRef.optional().describe(
    'The grant token, for unix: addresses, where it is not /etc/tiercel/grant.token: only the controller needs it',
  ),
  stores: z.array(StoreDeclaration).default([]),
})
export type HostDeclaration = z.infer<typeof HostDeclaration>

/** Where the controller of a fleet is. */
export const ControllerDeclaration = z.union(
  [
    z.strictObject({ socket: z.string().startsWith('/'), token: SecretRef.optional() }),
    z.strictObject({
      url: z.string().regex(/^https?:\/\/[^\s/@]+\/?$/),
      token: SecretRef.optional(),
      ca: z.string().startsWith('/').optional(),
    }),
  ],
  'controller is { socket: /PATH, token: { file | env } } or { url: https://HOST:PORT, token, ca: /PATH }',
)
export type ControllerDeclaration = z.infer<typeof ControllerDeclaration>

export const Tier = z.strictObject({
  name: Name,
  poolFill: thresholds(0.8, 0.9)
    .refine(({ warning, critical }) => warning <= critical, 'warning must not be above critical')
    .describe('POOL_NEARLY_FULL: shares of the pool or dataset in use'),
})
export type Tier = z.infer<typeof Tier>

export const Cluster = z.strictObject({
  name: Name,
  consensus: z.enum(['crdt', 'raft']).default('crdt'),
  peers: z
    .array(z.strictObject({ id: PeerId, name: z.string().min(1).optional() }))
    .default([])
    .describe('Expected peers that are not a store of this fleet'),
})
export type Cluster = z.infer<typeof Cluster>

/** The fleet file, `tiercel.yaml`: what there is, and what is expected of it. */
export const Fleet = z
  .strictObject({
    apiVersion: z.literal(1),
    clusters: z.array(Cluster).default([]),
    tiers: z.array(Tier).default([]),
    hosts: z.array(HostDeclaration).min(1),
    checks: CheckSettings.prefault({}),
    windows: z.array(Window).default([]).describe('When background work may run'),
    procedures: ProcedureSettings.prefault({}),
    ssh: z
      .strictObject({
        config: z
          .string()
          .startsWith('/', 'a path begins with /')
          .optional()
          .describe('An ssh_config to use; your own otherwise'),
        keepFor: DurationText.default(minutes(10)).describe(
          'How long a connection is kept between commands; 0s: not at all',
        ),
      })
      .prefault({})
      .describe('How hosts with an ssh:// address are reached'),
    controller: ControllerDeclaration.optional().describe(
      'The controller that runs procedures for this fleet; the command line asks it',
    ),
  })
  .superRefine((fleet, context) => {
    const unique = (path: (string | number)[], word: string, names: string[]) => {
      for (const [index, name] of names.entries()) {
        const first = names.indexOf(name)
        if (first !== index) {
          context.addIssue({
            code: 'custom',
            path: [...path, index, 'name'],
            message: `the ${word} ${name} is declared twice; names are unique`,
          })
        }
      }
    }
    const known = (path: (string | number)[], word: string, name: string, names: string[]) => {
      if (names.includes(name)) return
      const allowed = names.length === 0 ? `no ${word}s are declared` : `allowed: ${names.join(', ')}`
      context.addIssue({ code: 'custom', path, message: `unknown ${word} ${name}; ${allowed}` })
    }
    const clusters = fleet.clusters.map(({ name }) => name)
    const tiers = fleet.tiers.map(({ name }) => name)
    const windows = fleet.windows.map(({ name }) => name)
    unique(['windows'], 'window', windows)
    const { approval: _approval, ...named } = fleet.procedures
    for (const [name, { window }] of Object.entries(named)) {
      if (window !== undefined) known(['procedures', name, 'window'], 'window', window, windows)
    }
    unique(['clusters'], 'cluster', clusters)
    unique(['tiers'], 'tier', tiers)
    unique(
      ['hosts'],
      'host',
      fleet.hosts.map(({ name }) => name),
    )
    const seenPeers = new Map<string, string>()
    for (const [h, host] of fleet.hosts.entries()) {
      unique(
        ['hosts', h, 'stores'],
        'store',
        host.stores.map(({ name }) => name),
      )
      for (const [s, store] of host.stores.entries()) {
        const path = ['hosts', h, 'stores', s]
        known([...path, 'tier'], 'tier', store.tier, tiers)
        known([...path, 'cluster'], 'cluster', store.cluster, clusters)
        if (store.dataset !== undefined && store.dataset.split('/')[0] !== store.pool) {
          context.addIssue({
            code: 'custom',
            path: [...path, 'dataset'],
            message: `the dataset ${store.dataset} is not in the pool ${store.pool ?? '(none given)'}`,
          })
        }
        if (store.peer !== undefined) {
          const other = seenPeers.get(store.peer)
          if (other !== undefined) {
            context.addIssue({
              code: 'custom',
              path: [...path, 'peer'],
              message: `the peer ${store.peer} is already that of ${other}; each store has its own`,
            })
          }
          seenPeers.set(store.peer, `${host.name}/${store.name}`)
        }
      }
    }
  })
export type Fleet = z.infer<typeof Fleet>
