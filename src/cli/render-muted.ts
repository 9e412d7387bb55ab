import type { Finding } from '../domain/health/finding.ts'
import type { EndedMute, Mute, MuteEnd } from '../domain/health/mute.ts'
import type { Report } from '../domain/health/report.ts'
import type { Instant } from '../domain/units.ts'
import { word } from './health-lines.ts'
import { printable, styled, textWidth, type Terminal, wrap } from './terminal.ts'
import { iso, minuteText, untilText } from './times.ts'

/** What is muted, which mutes have ended, and what has to be known about them: at the end, never left out. */
export function renderMuted(
  { at, muted = [], ended = [], warnings = [] }: Report,
  terminal: Pick<Terminal, 'colours' | 'columns'>,
): string[] {
  const width = textWidth(terminal, 14)
  const wrapped = (text: string): string[] => wrap(printable(text), width)
  const title = (text: string) => ['', styled(terminal, 'bold', text)]
  return [
    ...(muted.length === 0 ? [] : title('muted')),
    ...muted.flatMap(({ finding, mute }) => [
      `  ${word(finding.severity, terminal)} ${finding.code}  ${printable(finding.subject)}`,
      ...wrapped(finding.summary).map((line) => `              ${line}`),
      ...wrapped(muteText(mute, at)).map(
        (line, index) => `    ${styled(terminal, 'dim', (index === 0 ? 'muted' : '').padEnd(9))} ${line}`,
      ),
    ]),
    ...(ended.length === 0 ? [] : title('mutes that have ended')),
    ...ended.map((mute) => `  ${printable(endedText(mute))}`),
    ...(warnings.length === 0 ? [] : ['']),
    ...warnings.map((text) => `${styled(terminal, ['bold', 'magenta'], 'warning:')} ${printable(text)}`),
  ]
}

const muteText = ({ id, by, until, reason }: Mute, now: Instant): string =>
  `by ${by} until ${untilText(until, now)}, because: ${reason}  (${id})`

const endWords: Record<MuteEnd, string> = {
  time: 'its time is over',
  worse: 'the finding got worse',
  over: 'the finding went away',
  unmuted: 'somebody ended it',
}

export const endedText = ({ id, code, subject, by, reason, endedAt, because }: EndedMute): string =>
  `${code}${subject === undefined ? '' : ` ${subject}`}  ${minuteText(endedAt)}: ${endWords[because]} (${id} by ${by}: ${reason})`

/** For the one line of a monitoring plugin: the first muted findings, and one more counter. */
export function mutedNagios({ muted, warnings = [] }: Report): { text: string; counters: string[] } {
  if (muted === undefined) return { text: '', counters: [] }
  const named = muted
    .slice(0, 3)
    .map(({ finding, mute }) => `${finding.code} ${finding.subject} by ${mute.by} until ${minuteText(mute.until)}`)
  const rest = muted.length > named.length ? ` and ${muted.length - named.length} more` : ''
  const told = muted.length === 0 ? '' : ` - muted: ${named.join(', ')}${rest}`
  const warned = warnings.map((text) => ` - warning: ${text}`).join('')
  return { text: `${told}${warned}`, counters: [`muted=${muted.length}`] }
}

export function mutedJson({ muted, ended, warnings }: Report, findingJson: (finding: Finding) => object): object {
  if (muted === undefined) return {}
  return {
    muted: muted.map(({ finding, mute }) => ({ ...findingJson(finding), mute: muteJson(mute) })),
    endedMutes: (ended ?? []).map(endedJson),
    warnings: warnings ?? [],
  }
}

export const muteJson = ({ at, until, ...mute }: Mute): object => ({ ...mute, at: iso(at), until: iso(until) })

export const endedJson = ({ endedAt, ...mute }: EndedMute): object => ({ ...mute, endedAt: iso(endedAt) })
