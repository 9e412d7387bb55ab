import { z } from 'zod'
import { Bytes } from '../../domain/units.ts'
import { Int64 } from '../http/decode.ts'

// The JSON of the RPC API of Kubo 0.43.0 (recorded answers in test/fixtures). Only what we use is named.

/** `POST /api/v0/id`. */
export const WireId = z.object({
  ID: z.string().min(1),
  Addresses: z
    .array(z.string())
    .nullish()
    .transform((addresses) => addresses ?? []),
})

/** `POST /api/v0/version`. */
export const WireVersion = z.object({ Version: z.string().min(1) })

/** `POST /api/v0/repo/stat?size-only=true`: StorageMax is a Go uint64, its greatest value meaning none. */
export const WireRepoStat = z.object({
  RepoSize: Bytes,
  StorageMax: Int64.transform((max) => (max > BigInt(Number.MAX_SAFE_INTEGER) ? null : Bytes.parse(Number(max)))),
})

/** One multiaddress or several: Kubo takes both. */
const multiaddresses = z
  .union([z.string(), z.array(z.string())])
  .nullish()
  .transform((some) => (typeof some === 'string' ? [some] : (some ?? [])).filter((address) => address !== ''))

/** `POST /api/v0/config?arg=Addresses`. */
export const WireAddresses = z.object({
  Value: z
    .object({ API: multiaddresses, Gateway: multiaddresses })
    .transform(({ API: api, Gateway: gateway }) => ({ api, gateway })),
})

/** `POST /api/v0/config?arg=NAME` for a setting that is a text. */
export const WireSetting = z.object({ Value: z.string().nullable() })

/** One line of `POST /api/v0/pin/ls?stream=true`. */
export const WirePin = z.object({ Cid: z.string().min(1), Type: z.literal('recursive') })

/** `POST /api/v0/dag/stat?progress=false`. */
export const WireDagStat = z.object({ UniqueBlocks: z.int().nonnegative() })

/** How the API words an error. */
export const WireError = z.object({ Message: z.string(), Type: z.literal('error') })
