import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { placeOfPool, type PoolOnHost, poolsOf } from '../pools-of-host.ts'
import { storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const undeclaredPool: Check = {
  code: 'UNDECLARED_POOL',
  title: 'A pool is imported that no store names',
  severities: ['info'],
  explanation: {
    meaning:
      'The host has a pool imported that no store of the fleet file or of agent.yaml lies on: a pool for the system, for backups, for something else, or one that was forgotten. An info, since most are meant to be there. Nothing is said of a host without any store: there, everything is looked at as it is.',
    endangers: 'A pool that was forgotten is judged by default settings, and no pins are known to be on it.',
    remedy:
      'If pins lie on it, declare a store for it in the fleet file and in agent.yaml; otherwise nothing has to be done.',
    sources: ['ARCHITECTURE.md: which file owns what'],
  },
  find: (view) =>
    answered(view).flatMap((host) =>
      storesOf(host).length === 0
        ? []
        : poolsOf(host)
            .filter(({ stores, states }) => stores.length === 0 && states.length > 0)
            .map((pool) => ({
              code: 'UNDECLARED_POOL',
              severity: 'info' as const,
              subject: pool.subject,
              place: placeOfPool(pool),
              summary: `Pool ${pool.name} is imported on ${host.name}, and no store names it.`,
              evidence: seen(pool),
              endangers: '',
              remedy: `If pins lie on ${pool.name}, declare its store in the fleet file and in /etc/tiercel/agent.yaml on ${host.name}; otherwise nothing has to be done.`,
            })),
    ),
}

function seen({ states, host }: PoolOnHost) {
  const [first] = states
  const { zfs } = host.observation
  return [
    ...(first?.evidence ?? []),
    ...(zfs === null ? [] : evidenceFrom(zfs.poolStates, host.now, { 'a store names it': false })),
  ]
}
