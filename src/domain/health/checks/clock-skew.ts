import { durationText } from '../../text-units.ts'
import { type Duration, milliseconds } from '../../units.ts'
import type { Check } from '../check.ts'
import { declared } from '../evidence.ts'
import type { Evidence, Finding } from '../finding.ts'
import type { FleetView } from '../view.ts'

export const clockSkew: Check = {
  code: 'CLOCK_SKEW',
  title: 'The clock of a host is wrong',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'The host’s clock, as it stood in its answer, lies outside the time between our question and its answer by our own clock. Only what is certain counts: the time that the question took is no skew. Warning from 2 seconds, critical from 60, settable. When most of at least three hosts are off by the same amount, it is the clock of the machine that asked, and one finding says so.',
    endangers:
      'Timestamps of snapshots, logs and pins do not fit together, certificates and tokens can be refused, and retention can keep or drop the wrong snapshot.',
    remedy: 'Let chrony or systemd-timesyncd run on the host: `timedatectl` shows whether the clock is kept.',
    settings: ['checks.clockSkew.warning', 'checks.clockSkew.critical'],
    sources: ['The moment of the answer by both clocks; the error is bounded by the time that the answer took'],
  },
  find: (view) => {
    const { warning, critical } = view.fleet.checks.clockSkew
    const seen = offsets(view)
    const wrong = seen.filter(({ least }) => Math.abs(least) >= warning)
    const common = commonOffset(seen, wrong, warning)
    if (common !== undefined) return [ownClock(view, common, wrong.length, seen.length)]
    return wrong.map(({ host, least, took }): Finding => {
      const size = milliseconds(Math.abs(least))
      return {
        code: 'CLOCK_SKEW',
        severity: size >= critical ? 'critical' : 'warning',
        subject: host,
        place: { kind: 'host', host },
        summary: `The clock of ${host} is ${least < 0 ? 'behind' : 'ahead'} by at least ${durationText(size)}.`,
        evidence: [
          {
            what: least < 0 ? 'behind, at least' : 'ahead, at least',
            value: durationText(size),
            source: 'answer of the agent',
            observedAt: view.at,
          },
          { what: 'the answer took', value: durationText(took), source: 'our clock', observedAt: view.at },
          thresholds(view),
        ],
        endangers: `Timestamps of ${host} do not fit those of the fleet: snapshots, logs and retention can be misjudged, certificates and tokens refused.`,
        remedy: `On ${host}, run \`timedatectl\`; start chrony or systemd-timesyncd (\`timedatectl set-ntp true\`), and see that its time servers answer.`,
      }
    })
  },
}

interface Offset {
  host: string
  /** By how much the host's clock is ahead of ours, at least; negative when it is behind. 0 while it may be right. */
  least: number
  took: Duration
}

/** A right clock stands, in the answer, between our question and its arrival; what lies outside is certain. */
function offsets({ hosts }: FleetView): Offset[] {
  return hosts.flatMap(({ declaration, contact }) => {
    if (contact.state !== 'answered') return []
    const { answeredAt } = contact.observation
    const ahead = answeredAt - contact.receivedAt
    const behind = answeredAt - (contact.receivedAt - contact.took)
    const least = ahead > 0 ? ahead : Math.min(0, behind)
    return [{ host: declaration.name, least, took: contact.took }]
  })
}

/** The offset that more than half of at least three hosts share: then our own clock is the one that is wrong. */
function commonOffset(seen: readonly Offset[], wrong: readonly Offset[], warning: Duration): number | undefined {
  const middle = wrong.map(({ least }) => least).toSorted((a, b) => a - b)[Math.floor(wrong.length / 2)]
  if (middle === undefined || seen.length < 3) return undefined
  const alike = wrong.filter(({ least, took }) => Math.abs(least - middle) < warning + took)
  return alike.length * 2 > seen.length ? middle : undefined
}

function ownClock(view: FleetView, least: number, wrong: number, asked: number): Finding {
  const size = milliseconds(Math.abs(least))
  const evidence: Evidence[] = [
    {
      what: 'hosts that differ from our clock alike',
      value: `${wrong} of ${asked}`,
      source: 'answers of the agents',
      observedAt: view.at,
    },
    thresholds(view),
  ]
  return {
    code: 'CLOCK_SKEW',
    severity: size >= view.fleet.checks.clockSkew.critical ? 'critical' : 'warning',
    subject: 'this machine',
    place: { kind: 'fleet' },
    summary: `The clock of the machine that asks is ${least < 0 ? 'ahead' : 'behind'} by at least ${durationText(size)}: most hosts agree with each other, and not with it.`,
    evidence,
    endangers:
      'Ages and due dates in what this machine shows are wrong; a single host with a wrong clock is not told apart.',
    remedy: 'On this machine, run `timedatectl`; start chrony or systemd-timesyncd (`timedatectl set-ntp true`).',
  }
}

const thresholds = ({ fleet }: FleetView): Evidence =>
  declared(
    'thresholds',
    `warning ${durationText(fleet.checks.clockSkew.warning)}, critical ${durationText(fleet.checks.clockSkew.critical)}`,
    'fleet file',
  )
