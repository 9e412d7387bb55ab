import type { PinTrouble } from '../../pinning.ts'
import { durationText } from '../../text-units.ts'
import { age, type Duration } from '../../units.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import { placeOfStore, presentOf, storesOf } from '../stores-of-host.ts'
import { type AnsweredHost, answered } from '../view.ts'

export const pinQueueStuck: Check = {
  code: 'PIN_QUEUE_STUCK',
  title: 'The queue of a Cluster peer does not move',
  severities: ['warning'],
  explanation: {
    meaning:
      'Pins wait in the queue of a peer, and for longer than the setting none has left it: a free slot is taken by the next pin at once, so the newest pin at work tells when a slot was last free. Or one pin has waited longer than `waiting`, although others move: content that cannot be fetched takes every slot for `pin_timeout`, again and again.',
    endangers: 'Pins in the queue have no copy here; new pins wait behind them.',
    remedy:
      'Look at the pins at work with `ipfs-cluster-ctl status --local --filter pinning` and find out why their content cannot be fetched: bring up a node that has it, or unpin what nobody has. Kubo before 0.42 can hang for hours (KNOWN_BUG). A garbage collection that runs in the Kubo holds everything up until it ends. More slots: `pin_tracker.stateless.concurrent_pins`.',
    settings: ['checks.pinQueueStuck.after', 'checks.pinQueueStuck.waiting'],
    sources: [
      'the time of a pin at work is when it got its slot, and the next one starts in the same millisecond in which a slot is freed (measured on ipfs-cluster 1.1.6 with concurrent_pins 1)',
      'https://github.com/ipfs-cluster/ipfs-cluster/issues/1312, /issues/1319',
    ],
  },
  find: (view) => {
    const { after, waiting } = view.fleet.checks.pinQueueStuck
    return answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const reading = store.observed?.pins ?? null
        const pins = presentOf(reading, host)
        if (reading === null || pins === undefined) return []
        const queued = pins.counts.pin_queued ?? 0
        const unpins = pins.counts.unpin_queued ?? 0
        const stuck = stoppedFor(pins, host, { queue: 'pin_queued', atWork: 'pinning' })
        const stuckUnpins = stoppedFor(pins, host, { queue: 'unpin_queued', atWork: 'unpinning' })
        const oldest = pins.spans.pin_queued?.oldest
        const waits = oldest === undefined ? undefined : age(oldest.since, host.now)
        const words = [
          ...(stuck !== undefined && stuck > after
            ? [`no pin has left its queue of ${queued} for ${durationText(stuck)}`]
            : waits !== undefined && waits > waiting
              ? [`its queue of ${queued} moves, but one pin has waited for ${durationText(waits)}`]
              : []),
          ...(stuckUnpins !== undefined && stuckUnpins > after
            ? [`no removal has left its queue of ${unpins} for ${durationText(stuckUnpins)}`]
            : []),
        ]
        if (words.length === 0) return []
        const working = pins.spans.pinning?.oldest ?? pins.spans.unpinning?.oldest
        return [
          {
            code: 'PIN_QUEUE_STUCK',
            severity: 'warning',
            subject: `${host.name}/${store.name}/peer`,
            place: placeOfStore(store, 'peer'),
            summary: `The Cluster peer of store ${store.name} on ${host.name} does not get on: ${words.join('; ')}.`,
            evidence: [
              ...evidenceFrom(reading, host.now, {
                pin_queued: queued,
                pinning: pins.counts.pinning ?? 0,
                unpin_queued: unpins,
                unpinning: pins.counts.unpinning ?? 0,
                ...(oldest === undefined || waits === undefined
                  ? {}
                  : { 'waits longest': `${oldest.cid}, ${durationText(waits)}` }),
                ...(working === undefined
                  ? {}
                  : { 'at work longest': `${working.cid}, ${durationText(age(working.since, host.now))}` }),
              }),
              declared('longest without a pin that leaves', durationText(after), 'fleet file'),
              declared('longest wait', durationText(waiting), 'fleet file'),
            ],
            endangers: `The ${queued} pins that wait have no copy on store ${store.name}; new ones wait behind them.`,
            remedy: `Run \`ipfs-cluster-ctl status --local --filter pinning,unpinning\` against this peer, and see why these are not done: content that nobody has, a Kubo that hangs, or a garbage collection that runs (then wait). Bring up a node with the content; then \`ipfs-cluster-ctl recover CID\`.`,
          },
        ]
      }),
    )
  },
}

/** For how long nothing has left a queue in which something waits; undefined where nothing waits, or no time is known. */
function stoppedFor(
  { counts, spans }: PinTrouble,
  { now }: AnsweredHost,
  { queue, atWork }: { queue: 'pin_queued' | 'unpin_queued'; atWork: 'pinning' | 'unpinning' },
): Duration | undefined {
  if ((counts[queue] ?? 0) === 0) return undefined
  // With no pin at work, the queue stands at least as long as its newest pin waits.
  const last = (counts[atWork] ?? 0) > 0 ? spans[atWork]?.newest : spans[queue]?.newest
  return last === undefined ? undefined : age(last, now)
}
