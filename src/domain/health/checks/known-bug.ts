import { kuboBugs, type KnownBug, zfsBugs } from '../../known-bugs.ts'
import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import type { Evidence, Finding } from '../finding.ts'
import { placeOfStore, presentOf, storesOf } from '../stores-of-host.ts'
import { type AnsweredHost, answered } from '../view.ts'

export const knownBug: Check = {
  code: 'KNOWN_BUG',
  title: 'A program runs in a version with a known error that applies here',
  severities: ['warning', 'info'],
  explanation: {
    meaning: `The version of a program, and the conditions under which its error strikes, were both seen. Packages of distributions are judged by their revision, since they carry fixes that the release does not have; where that is not known, it is an info. Known are: ${[...zfsBugs.map(({ id, does }) => `OpenZFS ${does} (${id})`), ...kuboBugs.map(({ id, does }) => `Kubo ${does} (${id})`)].join('; ')}.`,
    endangers: 'The finding says what the error does.',
    remedy: 'Update, or do without what sets it off; the finding says both.',
    sources: [...new Set([...zfsBugs, ...kuboBugs].flatMap(({ sources }) => sources))],
  },
  find: (view) => answered(view).flatMap((host) => [...ofZfs(host), ...ofKubos(host)]),
}

function ofZfs(host: AnsweredHost): Finding[] {
  const { zfs, machine } = host.observation
  const found = presentOf(zfs?.version, host)
  if (zfs === null || found === undefined) return []
  const version = found.module ?? found.userland
  const userNamespaces = presentOf(machine.facts, host)?.userNamespaces ?? null
  const statuses = presentOf(zfs.poolStatus, host)
  const draid = statuses?.some(({ vdevs }) => vdevs.data.some(({ kind }) => kind === 'draid')) ?? null
  return zfsBugs.flatMap((bug) =>
    finding(bug, bug.has({ version, userNamespaces, draid }), {
      subject: host.name,
      place: { kind: 'host', host: host.name },
      called: `OpenZFS ${version} on ${host.name}`,
      evidence: evidenceFrom(zfs.version, host.now, {
        version,
        'user namespaces for everybody': userNamespaces,
      }),
    }),
  )
}

function ofKubos(host: AnsweredHost): Finding[] {
  return storesOf(host).flatMap((store) => {
    const { kubo = null, kuboProcess = null, kuboSettings = null } = store.observed ?? {}
    const version = presentOf(kubo, host)?.version
    if (kubo === null || version === undefined) return []
    const enableGc = presentOf(kuboProcess, host)?.enableGc ?? null
    const provideStrategy = presentOf(kuboSettings, host)?.provideStrategy ?? null
    return kuboBugs.flatMap((bug) =>
      finding(bug, bug.has({ version, enableGc, provideStrategy }), {
        subject: `${host.name}/${store.name}/kubo`,
        place: placeOfStore(store, 'kubo'),
        called: `Kubo ${version} of store ${store.name} on ${host.name}`,
        evidence: evidenceFrom(kubo, host.now, {
          version,
          '--enable-gc': enableGc,
          'Provide.Strategy': provideStrategy,
        }),
      }),
    )
  })
}

function finding<Facts>(
  bug: KnownBug<Facts>,
  has: ReturnType<KnownBug<Facts>['has']>,
  about: Pick<Finding, 'subject' | 'place'> & { called: string; evidence: Evidence[] },
): Finding[] {
  if (has === 'no') return []
  const { subject, place, called, evidence } = about
  return [
    {
      code: 'KNOWN_BUG',
      severity: has === 'yes' ? 'warning' : 'info',
      subject: `${subject}/${bug.id}`,
      place,
      summary:
        has === 'yes'
          ? `${called} ${bug.does}.`
          : `${called} may have an error that its package may have mended: it ${bug.does}.`,
      evidence: [
        ...evidence,
        ...bug.sources.map((source) => ({ what: 'described in', value: source, source: 'Tiercel' })),
      ],
      endangers: has === 'yes' ? bug.endangers : '',
      remedy: bug.remedy,
    },
  ]
}
