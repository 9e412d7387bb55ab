import type { Trouble } from '../../observation.ts'
import type { Check } from '../check.ts'
import { evidenceFrom, evidenceOfTrouble } from '../evidence.ts'
import type { Evidence } from '../finding.ts'
import { failureOf } from '../readings-of-host.ts'
import { placeOfStore, type StoreOnHost, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const kuboUnreachable: Check = {
  code: 'KUBO_UNREACHABLE',
  title: 'A Kubo does not answer',
  severities: ['critical'],
  explanation: {
    meaning:
      'The last request to the RPC API of a Kubo failed, or its Cluster peer says that it cannot reach it. The `ping` metric of the Cluster stays valid while Kubo is dead, so it is not used.',
    endangers: 'None of the pins of that store can be read or repaired, although Cluster still lists them as pinned.',
    remedy: 'Look at the unit of Kubo and its log on the host; a stopped pool makes Kubo hang.',
    sources: [
      '`GET /id`, ipfs.error (ipfs-cluster 1.1.6)',
      'with Kubo dead, ping stays valid with the last good values (measured on 1.1.6)',
    ],
  },
  find: (view) =>
    answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const found = troubleOf(store)
        if (found === undefined) return []
        const unit = store.local?.units?.kubo
        return [
          {
            code: 'KUBO_UNREACHABLE',
            severity: 'critical',
            subject: `${host.name}/${store.name}/kubo`,
            place: placeOfStore(store, 'kubo'),
            summary: `The Kubo of store ${store.name} on ${host.name} ${found.words}.`,
            evidence: found.evidence,
            endangers: `No pin of store ${store.name} can be read from ${host.name}, although Cluster still lists them as pinned.`,
            remedy:
              found.hint ??
              `On ${host.name}, run ${unit === undefined ? '`systemctl status` for the unit of Kubo' : `\`systemctl status ${unit}\``} and read its log; if it hangs, look at the pool of the store first.`,
          },
        ]
      }),
    ),
}

function troubleOf({
  observed,
  host,
}: StoreOnHost): { words: string; evidence: Evidence[]; hint?: string | undefined } | undefined {
  const { kubo = null, peer = null } = observed ?? {}
  const trouble = failureOf(kubo)
  // What a peer last said before it went away itself is no news of Kubo.
  const byPeer = peer === null || failureOf(peer) !== undefined ? '' : (peer.last?.value.kubo.error ?? '')
  const evidence = [
    ...(kubo === null || trouble === undefined ? [] : evidenceOfTrouble('answer', kubo, trouble, host.now)),
    ...(peer === null || byPeer === ''
      ? []
      : evidenceFrom(peer, host.now, { 'error of Kubo, as the Cluster peer sees it': byPeer })),
  ]
  if (trouble !== undefined)
    return { words: `${manner[trouble.kind]}: ${trouble.message}`, evidence, hint: trouble.hint }
  return byPeer === '' ? undefined : { words: `cannot be reached by its Cluster peer: ${byPeer}`, evidence }
}

const manner: Readonly<Record<Trouble['kind'], string>> = {
  failed: 'answers with an error',
  unreachable: 'does not answer',
  'not-understood': 'answers with something that is not from Kubo',
  'missing-program': 'cannot be asked',
  'not-permitted': 'refuses to answer',
  stuck: 'does not answer in time',
}
