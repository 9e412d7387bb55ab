import { addKuboPin, removeKuboPin } from '../pin-changes.ts'
import { kuboState } from '../pin-view.ts'
import { describeKubo, describeKuboSettings, isKuboPinned, kuboPins } from '../sim-content.ts'
import type { Landing } from './landing.ts'
import { list, never, type Reply, value } from './reply.ts'

const prefix = '/api/v0/'

/** What the RPC API of this store's Kubo answers (Kubo 0.43): POST only. */
export function kuboReply(at: Landing): Reply {
  const { world, host, store, method, path } = at
  if (!path.startsWith(prefix)) return { kind: 'text', status: 404, text: '404 page not found' }
  if (method !== 'POST') return { kind: 'text', status: 405, text: '405 - Method Not Allowed' }
  // Kubo's repository lies on the store's pool: while that is suspended, whoever asks waits.
  if (kuboState(host, store) === 'hangs') return never
  const about = describeKubo(world, host, store)
  switch (path.slice(prefix.length)) {
    case 'id':
      return value({
        ID: about.id,
        PublicKey: '',
        Addresses: about.addresses,
        AgentVersion: `kubo/${about.version}`,
        Protocols: ['/ipfs/bitswap/1.2.0', '/ipfs/id/1.0.0', '/ipfs/ping/1.0.0'],
      })
    case 'version':
      return value({ Version: about.version, Commit: '', Repo: '18', System: 'amd64/linux', Golang: 'go1.26.3' })
    case 'repo/stat':
      // With size-only, as we ask, Kubo tells the two sizes and nothing else (recorded from 0.43).
      return value({ RepoSize: about.repoSize, StorageMax: about.storageMax, NumObjects: 0, RepoPath: '', Version: '' })
    case 'config':
      return setting(at)
    case 'dag/stat':
      return dagStat(at)
    case 'pin/ls':
      return listPins(at)
    case 'pin/add':
      return pin(at)
    case 'pin/rm':
      return unpin(at)
    default:
      return { kind: 'text', status: 404, text: '404 page not found' }
  }
}

const fail = (message: string): Reply => value({ Message: message, Code: 0, Type: 'error' }, 500)

function setting({ store, query }: Landing): Reply {
  const key = query.get('arg') ?? ''
  if (key !== 'Addresses') return fail(`failed to get config value: "${key} not found"`)
  const { api, gateway } = describeKuboSettings(store)
  return value({
    Key: key,
    Value: {
      API: api[0],
      Announce: [],
      AppendAnnounce: [],
      Gateway: gateway[0],
      NoAnnounce: [],
      Swarm: [`/ip4/0.0.0.0/tcp/${store.kubo.port - 1000}`],
    },
  })
}

/** In the words of Kubo 0.43, with `offline` and without `progress`. */
function dagStat({ world, store, query }: Landing): Reply {
  const cid = query.get('arg') ?? ''
  if (!isKuboPinned(world, store, cid)) {
    return fail(`block was not found locally (offline): ipld: could not find ${cid}`)
  }
  return value({ UniqueBlocks: 1, TotalSize: 6, Ratio: 1, DagStats: [{ Cid: cid, Size: 6, NumBlocks: 1 }] })
}

function listPins({ world, store, query }: Landing): Reply {
  const wanted = query.get('arg')
  const type = query.get('type') ?? 'all'
  if (!['direct', 'indirect', 'recursive', 'all'].includes(type)) {
    return fail(`invalid type '${type}', must be one of {direct, indirect, recursive, all}`)
  }
  const isListed = type === 'all' || type === 'recursive'
  if (wanted !== null && !(isListed && isKuboPinned(world, store, wanted)))
    return fail(`path '${wanted}' is not pinned`)
  const cids = wanted === null ? (isListed ? kuboPins(world, store) : []) : [wanted]
  if (query.get('stream') === 'true') return list(cids, (cid) => ({ Cid: cid, Type: 'recursive' }))
  return value({ Keys: Object.fromEntries([...cids].map((cid) => [cid, { Type: 'recursive' }])) })
}

function pin({ simulator, store, query }: Landing): Reply {
  const cid = query.get('arg')
  if (cid === null) return fail('argument "ipfs-path" is required')
  simulator.change((world) => addKuboPin(world, store, cid))
  return value({ Pins: [cid] })
}

function unpin({ simulator, store, query }: Landing): Reply {
  const cid = query.get('arg')
  if (cid === null) return fail('argument "ipfs-path" is required')
  const removed = simulator.change((world) => removeKuboPin(world, store, cid))
  return removed ? value({ Pins: [cid] }) : fail('not pinned or pinned indirectly')
}
