import { durationText } from '../../text-units.ts'
import { age, type Duration, type Instant, milliseconds } from '../../units.ts'
import type { PinsetSummary } from '../../pins/pinset-summary.ts'
import type { Check } from '../check.ts'
import type { Finding } from '../finding.ts'
import { storesOf } from '../stores-of-host.ts'
import { answered, type FleetView } from '../view.ts'

/** What one peer has as the pinset, and for how long: moments on the clock of the one who judges. */
interface HeldPinset {
  cluster: string
  host: string
  name: string
  summary: PinsetSummary
  from: number
  until: number
  source: string
  readAt: Instant
}

export const pinsetDiverged: Check = {
  code: 'PINSET_DIVERGED',
  title: 'Peers of one cluster do not have the same pinset',
  severities: ['warning'],
  explanation: {
    meaning:
      'Two peers of a cluster have different pinsets, and neither changed for a while: what is on its way arrives within seconds, at most some minutes. The sums of all pins are compared, as the pin index of each peer has them. While a pinset goes on changing, nothing is found here; `tiercel pins --diverged` looks pin by pin.',
    endangers:
      'A peer that has missed a pin holds no copy of it; one that has missed a removal keeps what should be gone. Nobody is told.',
    remedy:
      'Run `tiercel pins --diverged` to see each pin with both sides. If the network was split, wait until the peers see each other; then recover. A peer that stays behind is stopped, its state cleaned up, and started again: it fetches the pinset from the others.',
    settings: ['checks.pinsetDiverged.after'],
    sources: [
      '`GET /allocations` of each peer (ipfs-cluster 1.1.6): no API shows the state of the CRDT, so only the pinsets themselves can be compared',
      'heads are announced again each minute (`rebroadcast_interval`): with no writes, differences that last longer are divergence',
      'github.com/ipfs/go-ds-crdt/issues/279: a crash can leave a peer incomplete for ever, and not marked so',
    ],
  },
  find: (view) =>
    [...Map.groupBy(pinsetsOf(view), ({ cluster }) => cluster)].flatMap(([cluster, pinsets]) => {
      const groups = [...Map.groupBy(pinsets, ({ summary }) => summary.digest).values()].toSorted(
        (a, b) => b.length - a.length || (b[0]?.summary.pins ?? 0) - (a[0]?.summary.pins ?? 0),
      )
      const [most = [], ...others] = groups
      const [model] = most
      return others.flat().flatMap((pinset) => {
        const longest = Math.max(...most.map((other) => heldTogether(pinset, other)))
        return model !== undefined && longest >= view.fleet.checks.pinsetDiverged.after
          ? [findingOn(pinset, { cluster, model, others: most.length - 1, longest: milliseconds(longest) })]
          : []
      })
    }),
}

function findingOn(
  pinset: HeldPinset,
  { cluster, model, others, longest }: { cluster: string; model: HeldPinset; others: number; longest: Duration },
): Finding {
  const { host, name, summary } = pinset
  const difference = Math.abs(summary.pins - model.summary.pins)
  const count = difference === 0 ? '' : ` (${difference} ${summary.pins < model.summary.pins ? 'fewer' : 'more'})`
  const like = `${model.host}/${model.name}${others === 0 ? '' : ` and ${others} more`}`
  return {
    code: 'PINSET_DIVERGED',
    severity: 'warning',
    subject: `${host}/${name}/peer`,
    place: { kind: 'peer', host, store: name, cluster },
    summary: `The peer of store ${name} on ${host} has another pinset${count} than ${like} in cluster ${cluster}, for ${durationText(longest)} at least, with no change on either side.`,
    evidence: [pinset, model].map((one) => ({
      what: `pinset of ${one.host}/${one.name}`,
      value: `${one.summary.pins} pins, sum ${one.summary.digest.slice(0, 16)}`,
      source: one.source,
      observedAt: one.summary.readAt,
    })),
    endangers:
      'A peer that has missed a pin holds no copy of it, and one that has missed a removal keeps what should be gone.',
    remedy:
      'Run `tiercel pins --diverged` to see which pins, with both sides. If the peers do not see each other, mend that first; afterwards recover: `ipfs-cluster-ctl recover`. Let no garbage collection run before that is done.',
  }
}

function pinsetsOf(view: FleetView): HeldPinset[] {
  return answered(view).flatMap((host) =>
    storesOf(host).flatMap(({ name, cluster, observed }): HeldPinset[] => {
      const reading = observed?.pinset
      if (reading === undefined || reading === null || reading.last === null || reading.trouble !== null) return []
      const summary = reading.last.value
      return [
        {
          cluster,
          host: host.name,
          name,
          summary,
          from: view.at - age(summary.digestSince, host.now),
          until: view.at - age(summary.readAt, host.now),
          source: reading.source,
          readAt: summary.readAt,
        },
      ]
    }),
  )
}

/** For how long two pinsets were seen side by side, both as they are. */
const heldTogether = (one: HeldPinset, other: HeldPinset): number =>
  Math.min(one.until, other.until) - Math.max(one.from, other.from)
