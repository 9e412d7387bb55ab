import { readingAge } from '../../observation.ts'
import { durationText } from '../../text-units.ts'
import { age } from '../../units.ts'
import type { Check } from '../check.ts'
import type { Evidence, Finding } from '../finding.ts'
import { readingsIn } from '../readings-of-host.ts'
import { isStale, staleAfter } from '../staleness.ts'
import { placeOfStore, type StoreOnHost, storesOf } from '../stores-of-host.ts'
import { type AnsweredHost, answered, type NamedReading } from '../view.ts'

export const observationStale: Check = {
  code: 'OBSERVATION_STALE',
  title: 'What is known is too old, or was never looked at',
  severities: ['unknown'],
  explanation: {
    meaning:
      'The last good look of a probe is older than three periods, and than one period and two deadlines, and no other finding says why. Or it has not looked yet: from the first second, since nothing is known; only the read cache, which needs two samples, is given that time. Or a store is declared on the host and not observed at all, or nothing says where it is.',
    endangers: 'The present state can be worse than what is shown.',
    remedy: 'Just after the start of an agent: wait. Otherwise look at the log of the agent, and restart it.',
    sources: [
      'ARCHITECTURE.md: unknown is never green',
      'ages are differences on the clock of the host, never between two clocks',
    ],
  },
  find: (view) => [
    ...readingsIn(view).flatMap(({ host, subject, place, called, readings }) => {
      const old = readings.filter((named) => isOld(named, host))
      if (old.length === 0) return []
      const oldest = old
        .map(({ reading }) => readingAge(reading, host.now))
        .find((ageOfLook) => ageOfLook !== undefined)
      const since = durationText(age(host.observation.startedAt, host.now))
      const what = old.map((named) => named.what).join(', ')
      return [
        {
          code: 'OBSERVATION_STALE',
          severity: 'unknown' as const,
          subject,
          place,
          summary:
            oldest === undefined
              ? `Of ${called}, this was not looked at since the agent started ${since} ago: ${what}.`
              : `Of ${called}, this is too old to rely on: ${what} (${durationText(oldest)}).`,
          evidence: old.flatMap((named) => evidenceOf(named, host)),
          endangers: 'The present state can be worse than what is shown.',
          remedy: `If the agent has just started, look again in a minute; otherwise run \`journalctl -u tiercel-agent\` on ${host.name}, and restart the agent if it does nothing.`,
        },
      ]
    }),
    ...answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const { name } = store
        if (isNowhere(store)) {
          return [
            unobserved(store, {
              summary: `Nothing of store ${name} on ${host.name} is looked at: no file says its pool, its Cluster peer or its Kubo.`,
              what: 'anything of the store is observed',
              endangers: 'Its pins can be lost, and nobody would see it.',
              remedy: `Declare pool, dataset, clusterApi and kuboApi of ${name} in agent.yaml on ${host.name}; \`sudo tiercel init\` there sees what there is.`,
            }),
          ]
        }
        if (store.local === undefined || store.observed !== undefined) return []
        return [
          unobserved(store, {
            summary: `Store ${name} on ${host.name} is not observed, although agent.yaml declares it.`,
            what: 'store is observed',
            endangers: 'The state of its Cluster peer and Kubo is not known.',
            remedy: `Restart the agent on ${host.name}: it may have started with an older agent.yaml.`,
          }),
        ]
      }),
    ),
  ],
}

function unobserved(
  store: StoreOnHost,
  { what, ...words }: Pick<Finding, 'summary' | 'endangers' | 'remedy'> & { what: string },
): Finding {
  return {
    code: 'OBSERVATION_STALE',
    severity: 'unknown',
    subject: `${store.host.name}/${store.name}`,
    place: placeOfStore(store, 'store'),
    evidence: [{ what, value: false, source: 'observation' }],
    ...words,
  }
}

/** A store of which a file says that it is there, and not where. */
function isNowhere({ pools, observed }: StoreOnHost): boolean {
  return pools.length === 0 && observed !== undefined && observed.peer === null && observed.kubo === null
}

function isOld({ what, reading }: NamedReading, { now, observation }: AnsweredHost): boolean {
  const { last, trouble } = reading
  // Every other trouble has a finding of its own; missing rights can be a mere warning beside a value that is too old.
  if (trouble !== null && (trouble.kind !== 'not-permitted' || what === 'privileges')) return false
  if (last !== null) return isStale(reading, now)
  if (trouble !== null) return false
  return what !== 'ARC' || age(observation.startedAt, now) > staleAfter(reading)
}

function evidenceOf({ what, reading }: NamedReading, { now }: AnsweredHost): Evidence[] {
  const { source, last } = reading
  const limit = { what: `${what}: longest age`, value: durationText(staleAfter(reading)), source }
  return last === null
    ? [{ what: `${what}: last look`, value: null, source }, limit]
    : [
        { what: `${what}: last look`, value: `${durationText(age(last.at, now))} ago`, source, observedAt: last.at },
        limit,
      ]
}
