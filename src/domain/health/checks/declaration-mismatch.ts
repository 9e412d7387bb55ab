import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Evidence, Finding, Severity } from '../finding.ts'
import { placeOfStore, type StoreOnHost, storesOf } from '../stores-of-host.ts'
import { type AnsweredHost, answered } from '../view.ts'

export const declarationMismatch: Check = {
  code: 'DECLARATION_MISMATCH',
  title: 'The fleet file and the host say different things',
  severities: ['critical', 'unknown', 'warning'],
  explanation: {
    meaning:
      'The fleet file and agent.yaml of a host differ. Critical: another Cluster peer answers than the declared one. Unknown: another host answers, or a declared store or daemon is not known to its host, so that nobody looks at it. Warning: the host has a store that the fleet file lacks, or tier, cluster, pool or dataset differ.',
    endangers: 'Findings and procedures act on what is declared: on the wrong tier, pool or peer.',
    remedy: 'Correct the side that is wrong. The fleet file says what is expected, agent.yaml what the host has.',
    sources: [
      'ARCHITECTURE.md: which file owns what',
      'a new identity.json makes a new peer; allocations still name the old one (ipfs-cluster 1.1.6)',
    ],
  },
  find: (view) =>
    answered(view).flatMap((host) => [
      ...otherHost(host),
      ...storesOf(host).flatMap((store) => [...otherStore(store), ...otherPeer(store)]),
    ]),
}

const code = 'DECLARATION_MISMATCH'

function otherHost({ name, observation }: AnsweredHost): Finding[] {
  if (observation.host === name) return []
  return [
    {
      code,
      severity: 'unknown',
      subject: name,
      place: { kind: 'host', host: name },
      summary: `At the address of host ${name} another host answers: it calls itself ${observation.host}.`,
      evidence: [
        declared('host', name, 'fleet file'),
        { what: 'host', value: observation.host, source: 'observation', observedAt: observation.answeredAt },
      ],
      endangers: `What is shown under ${name} may be of another machine, and nothing is known of ${name} itself.`,
      remedy: `Correct the address of ${name} in the fleet file, or \`host:\` in agent.yaml if it is the right machine.`,
    },
  ]
}

/** One way in which the two sides differ. */
interface Difference {
  severity: Severity
  words: string
  evidence: Evidence[]
}

function otherStore(store: StoreOnHost): Finding[] {
  const { name, host } = store
  const differences = differencesOf(store)
  const [first] = differences
  if (first === undefined) return []
  return [
    {
      code,
      severity: differences.some(({ severity }) => severity === 'unknown') ? 'unknown' : 'warning',
      subject: `${host.name}/${name}`,
      place: placeOfStore(store, 'store'),
      summary: `Store ${name} on ${host.name}: ${differences.map(({ words }) => words).join('; ')}.`,
      evidence: differences.flatMap(({ evidence }) => evidence),
      endangers:
        'What is not known to both sides is not looked at, or is judged and changed as something that it is not.',
      remedy: `Correct the store in the fleet file, or in /etc/tiercel/agent.yaml on ${host.name} (then restart the agent).`,
    },
  ]
}

function differencesOf({ declared: fleet, local }: StoreOnHost): Difference[] {
  if (local === undefined) {
    const words = 'the fleet file has it, but the host does not know it, so nobody looks at it'
    return [
      {
        severity: 'unknown',
        words,
        evidence: [declared('store is there', true, 'fleet file'), declared('store is there', false, 'agent.yaml')],
      },
    ]
  }
  if (fleet === undefined) {
    const words = 'the host has it, but the fleet file does not'
    return [
      {
        severity: 'warning',
        words,
        evidence: [declared('store is there', false, 'fleet file'), declared('store is there', true, 'agent.yaml')],
      },
    ]
  }
  const fields = (['tier', 'cluster', 'pool', 'dataset'] as const).flatMap((field) => {
    const expected = fleet[field]
    const actual = local[field]
    // What the fleet file leaves out, the host decides.
    if (expected === undefined || expected === actual) return []
    return [
      {
        severity: 'warning' as const,
        words: `its ${field} is ${expected} in the fleet file and ${actual ?? 'not given'} on the host`,
        evidence: [declared(field, expected, 'fleet file'), declared(field, actual ?? null, 'agent.yaml')],
      },
    ]
  })
  const apis = (['clusterApi', 'kuboApi'] as const).flatMap((field) => {
    if (fleet[field] === undefined || local[field] !== undefined) return []
    return [
      {
        severity: 'unknown' as const,
        words: `the fleet file gives its ${field}, the host does not, so nobody asks there`,
        evidence: [declared(field, fleet[field].url, 'fleet file'), declared(field, null, 'agent.yaml')],
      },
    ]
  })
  return [...fields, ...apis]
}

function otherPeer(store: StoreOnHost): Finding[] {
  const { name, host, declared: fleet, observed } = store
  const reading = observed?.peer
  const actual = reading?.last?.value.id
  if (reading === undefined || reading === null || fleet?.peer === undefined || actual === undefined) return []
  if (actual === fleet.peer) return []
  return [
    {
      code,
      severity: 'critical',
      subject: `${host.name}/${name}/peer`,
      place: placeOfStore(store, 'peer'),
      summary: `Another Cluster peer answers for store ${name} on ${host.name} than the one that is declared.`,
      evidence: [
        declared('peer ID', fleet.peer, 'fleet file'),
        ...evidenceFrom(reading, host.now, { 'peer ID': actual }),
      ],
      endangers:
        'Pins allocated to the declared peer are held by nobody, although the store is up: a new identity is a new peer.',
      remedy: `If the identity was lost, restore identity.json of the peer from its backup; if the fleet file is wrong, correct \`peer\` of store ${name}.`,
    },
  ]
}
