import type { Trouble } from '../../observation.ts'
import type { Check } from '../check.ts'
import { evidenceOfTrouble } from '../evidence.ts'
import { failureOf } from '../readings-of-host.ts'
import { placeOfStore, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const clusterUnreachable: Check = {
  code: 'CLUSTER_UNREACHABLE',
  title: 'A Cluster peer does not answer as it should',
  severities: ['critical'],
  explanation: {
    meaning:
      'The last request to the REST API of a Cluster peer (`GET /id`) failed: refused, not in time, an error, or an answer that is not from IPFS Cluster. Refused credentials are PROBE_NOT_PERMITTED.',
    endangers: 'The peer takes no new pins, repairs none, and after half a minute the others no longer see it.',
    remedy: 'Look at the unit of the peer and its log on the host; check the address in agent.yaml.',
    sources: [
      '`GET /id` (ipfs-cluster 1.1.6)',
      '`/health` answers 204 before the peer is ready, so it is not used (measured on 1.1.6)',
    ],
  },
  find: (view) =>
    answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const reading = store.observed?.peer
        const trouble = failureOf(reading)
        if (reading === undefined || reading === null || trouble === undefined) return []
        const unit = store.local?.units?.cluster
        return [
          {
            code: 'CLUSTER_UNREACHABLE',
            severity: 'critical',
            subject: `${host.name}/${store.name}/peer`,
            place: placeOfStore(store, 'peer'),
            summary: `The Cluster peer of store ${store.name} on ${host.name} ${manner[trouble.kind]}: ${trouble.message}.`,
            evidence: evidenceOfTrouble('answer', reading, trouble, host.now),
            endangers: `The store takes no new pins and repairs none; if it stays away, its copies no longer count for the others.`,
            remedy:
              trouble.hint ??
              `On ${host.name}, run ${unit === undefined ? '`systemctl status` for the unit of the peer' : `\`systemctl status ${unit}\``} and read its log; check \`clusterApi\` of the store in agent.yaml.`,
          },
        ]
      }),
    ),
}

const manner: Readonly<Record<Trouble['kind'], string>> = {
  failed: 'answers with an error',
  unreachable: 'does not answer',
  'not-understood': 'answers with something that is not from IPFS Cluster',
  'missing-program': 'cannot be asked',
  'not-permitted': 'refuses to answer',
  stuck: 'does not answer in time',
}
