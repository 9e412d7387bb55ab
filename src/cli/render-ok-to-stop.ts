import { countedLevels, type Figure } from '../domain/placement/assessment.ts'
import type { ClusterPlacement } from '../domain/placement/cluster-placement.ts'
import type { TargetKind } from '../domain/placement/targets.ts'
import type { StopPolicy } from '../domain/placement/verdict.ts'
import { pinCount, verdictSentence } from '../domain/placement/verdict-sentence.ts'
import { durationText } from '../domain/text-units.ts'
import type { Instant } from '../domain/units.ts'
import type { OkToStop } from '../observe/ok-to-stop.ts'
import { iso } from './times.ts'
import { printable, printableJson, styled, table, type Terminal, wrap } from './terminal.ts'

/** A question and its answer. */
export interface OkToStopSaid {
  at: Instant
  kind: TargetKind
  names: readonly string[]
  policy: StopPolicy
  found: OkToStop
}

const colours = { ok: 'green', no: 'red', unknown: 'magenta' } as const

/** The verdict in a sentence, then the figures by cluster and level, what is not known, examples and ages. */
export function renderOkToStop(said: OkToStopSaid, terminal: Terminal): string[] {
  const { found } = said
  const known = found.placements.filter((placement) => placement.state === 'known')
  const width = Math.min(120, terminal.columns)
  const sentence = verdictSentence(said)
  const lines = wrap(printable(sentence), width).map((line) => styled(terminal, colours[found.verdict], line))
  const notes = [
    ...found.reach.notes,
    ...found.reasons.map((reason) => `Not known: ${reason}.`),
    ...known.flatMap(({ unsure }) =>
      unsure.slice(0, maxUnsure).map((why) => `Copies that are not known count as none: ${why}.`),
    ),
    ...known.flatMap(({ unsure }) =>
      unsure.length > maxUnsure ? [`… and ${unsure.length - maxUnsure} more such peers.`] : [],
    ),
    ...known.flatMap(({ others, by, differing }) =>
      others === 0
        ? []
        : [
            `${others} peers have another pinset than ${by}, whose pins are counted here.${differing === undefined ? '' : ` What they have otherwise, ${pinCount(differing.pins)}, was looked at too.`}`,
          ],
    ),
  ]
  if (known.length > 0) lines.push('', ...table(header, known.flatMap(rowsOf)))
  if (notes.length > 0) lines.push('', ...notes.flatMap((note) => wrap(printable(note), width)))
  const examples = [...new Set([...found.bare.examples, ...found.short.examples])]
  if (examples.length > 0) lines.push('', `For example: ${examples.map(printable).join(' ')}`)
  if (known.length > 0) {
    lines.push(
      '',
      ...known.map(({ cluster, by, age, took }) =>
        printable(`${cluster}: by the lists of ${by}, ${durationText(age)} old; counted in ${durationText(took)}.`),
      ),
    )
  }
  return lines
}

const maxUnsure = 5

const header = ['CLUSTER', 'LEVEL', 'PINS', 'CONCERNED', 'BELOW MIN', 'TO ONE COPY', 'TO NONE', 'SHORT ALREADY']

function rowsOf({ cluster, assessment }: Extract<ClusterPlacement, { state: 'known' }>): string[][] {
  return countedLevels.map((level) => {
    const { fallsBelowMinimum, fallsToOne, fallsToNone, belowMinimum } = assessment.levels[level]
    return [
      printable(cluster),
      level,
      String(assessment.pins),
      rangeText(assessment.ofPin.touched),
      rangeText(fallsBelowMinimum),
      rangeText(fallsToOne),
      rangeText(fallsToNone),
      rangeText(belowMinimum),
    ]
  })
}

/** `12`, or `12–40` where it is not known of some. */
const rangeText = ({ atLeast, atMost }: Figure): string => (atLeast === atMost ? `${atLeast}` : `${atLeast}–${atMost}`)

/** Everything, for programs. */
export function okToStopJson(said: OkToStopSaid): string {
  const { at, kind, names, policy, found } = said
  const { verdict, short, bare, reasons, reach, placements } = found
  return printableJson(
    JSON.stringify(
      {
        at: iso(at),
        kind,
        names,
        policy,
        verdict,
        sentence: verdictSentence(said),
        peers: [...reach.members.values()].flat().map(({ called, peer }) => ({ called, peer })),
        isAssumed: reach.isAssumed,
        notes: reach.notes,
        short,
        bare,
        reasons,
        clusters: placements,
      },
      undefined,
      2,
    ),
  )
}
