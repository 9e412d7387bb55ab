import { z } from 'zod'
import { SecretRef } from './fleet.ts'
import { DurationText } from './text-units.ts'
import { days, minutes, seconds } from './units.ts'

const path = z.string().startsWith('/', 'a path begins with /')

/** RFC 5735, RFC 4291: what never leaves the machine. */
const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/** Where the controller keeps its runs, locks, mutes, tokens and audit. */
export const StoreConfig = z.union(
  [z.strictObject({ sqlite: path }), z.strictObject({ postgres: SecretRef })],
  'store is { sqlite: /PATH } or { postgres: { file | env } }: a file or variable that holds the connection string',
)
export type StoreConfig = z.infer<typeof StoreConfig>

const Tls = z.strictObject({
  cert: path.describe('File with the certificate, and those of its issuers'),
  key: path.describe('File with its private key'),
  ca: path.optional().describe('Who signs the certificates of callers; without it, callers show a token only'),
})

const Tcp = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65_535),
    tls: Tls.optional(),
  })
  .refine(
    ({ host, tls }) => tls !== undefined || isLoopback(host),
    'without tls, only 127.0.0.1, ::1 or localhost: a token would cross the network in the clear. Give tls: { cert, key }',
  )
export type Tcp = z.infer<typeof Tcp>

const atLeastADay = DurationText.refine((duration) => duration >= days(1), 'at least 1d')

/** How much of what is over is kept: whatever is older, or more than that, goes, the oldest first. */
export const Keep = z
  .strictObject({
    runs: atLeastADay
      .default(days(365))
      .describe(
        'Runs that are over, with their journals; of hold and others of which something stays in the world, once they are undone or left',
      ),
    mostRuns: z.int().min(100).default(50_000).describe('So many of these, their parts not counted'),
    transcripts: atLeastADay.default(days(90)).describe('What commands of such runs have said'),
    mostTranscriptMiB: z.int().min(64).default(4096).describe('So much of it, over all runs'),
    audit: atLeastADay.default(days(730)).describe('Who changed what. What is older is written into a file, then cut'),
    mostAudit: z.int().min(1000).default(1_000_000).describe('So many entries'),
    auditFolder: path.optional().describe('Where these files lie; else the folder audit beside the SQLite store'),
  })
  .describe('How much of what is over is kept; what is not over is kept in any case')
export type Keep = z.infer<typeof Keep>

/** `/etc/tiercel/controller.yaml`. */
export const ControllerConfig = z.strictObject({
  keep: Keep.prefault({}),
  apiVersion: z.literal(1),
  fleet: path.default('/etc/tiercel/tiercel.yaml').describe('The fleet file'),
  store: StoreConfig.default({ sqlite: '/var/lib/tiercel-controller/store.sqlite' }),
  adminToken: path
    .optional()
    .describe('Where the first start puts the first token, mode 0600; else admin.token beside the SQLite store'),
  key: path
    .optional()
    .describe(
      'The private key by which hosts know this controller, made at the first start, mode 0600; else controller.key beside the SQLite store',
    ),
  listen: z
    .strictObject({
      socket: path.default('/run/tiercel-controller/controller.sock'),
      tcp: Tcp.optional(),
    })
    .prefault({}),
  collect: z
    .strictObject({
      every: DurationText.refine(
        (every) => every >= seconds(1) && every <= minutes(10),
        'from 1s to 10m: what is older than minutes is no base for a decision',
      )
        .default(seconds(10))
        .describe('How often every agent is asked'),
    })
    .prefault({}),
})
export type ControllerConfig = z.infer<typeof ControllerConfig>

/** Where the first token lies: beside a store in a file, since both are for the same eyes. */
export const adminTokenFile = ({ adminToken, store }: ControllerConfig): string =>
  adminToken ?? `${stateFolder(store)}/admin.token`

/** Where the private key lies by which hosts know the controller. */
export const controllerKeyFile = ({ key, store }: ControllerConfig): string =>
  key ?? `${stateFolder(store)}/controller.key`

/** Where what is cut from the audit is written first. */
export const auditFolder = ({ keep, store }: ControllerConfig): string =>
  keep.auditFolder ?? `${stateFolder(store)}/audit`

const stateFolder = (store: StoreConfig): string =>
  'sqlite' in store ? store.sqlite.slice(0, store.sqlite.lastIndexOf('/')) : '/var/lib/tiercel-controller'
