import type { ClusterPlacement } from './cluster-placement.ts'
import type { TargetKind } from './targets.ts'
import type { StopAnswer, StopPolicy } from './verdict.ts'

/** Whether something may be stopped, in one sentence that can be acted on. */
export function verdictSentence({
  kind,
  names,
  policy,
  found,
}: {
  kind: TargetKind
  names: readonly string[]
  policy: StopPolicy
  found: StopAnswer & { placements: readonly ClusterPlacement[] }
}): string {
  const what = `${kind} ${names.join(', ')}`
  const isRestart = policy.for === 'restart'
  const away = isRestart ? `while ${what} ${names.length === 1 ? 'is' : 'are'} away` : `without ${what}`
  const enough =
    policy.keep === 'promise'
      ? 'copies than their replication-min'
      : `than ${policy.keep} ${policy.keep === 1 ? 'copy' : 'copies'}`
  const kept =
    policy.keep === 'promise'
      ? 'its replication-min'
      : `${policy.keep} ${policy.keep === 1 ? 'copy' : 'copies'} on other hosts`
  const { short, bare, verdict } = found
  if (verdict === 'ok') {
    return found.placements.length === 0
      ? `Yes: ${what} can be ${isRestart ? 'restarted' : 'lost'}; no pin loses a copy.`
      : `Yes: ${away}, every pin that loses a copy keeps ${kept}${policy.for === 'loss' && policy.level === 'complete' ? ', and a copy that was walked' : ''}.`
  }
  if (verdict === 'no') {
    const parts = [
      ...(short.atLeast > 0 ? [`${pinCount(short.atLeast)} would have fewer ${enough}`] : []),
      ...(bare.atLeast > 0 ? [`${pinCount(bare.atLeast)} would have no complete copy`] : []),
    ]
    return `No: ${away}, ${parts.join(', and ')}.`
  }
  const parts = [
    ...(short.atMost > 0 ? [`up to ${pinCount(short.atMost)} would have fewer ${enough}`] : []),
    ...(bare.atMost > 0 ? [`up to ${pinCount(bare.atMost)} would have no complete copy`] : []),
  ]
  const hint =
    policy.for === 'loss' && policy.level === 'complete' && short.atMost === 0 && bare.atMost > 0
      ? ' Their other copies are listed as pinned, and were not walked; --level pinned takes the word of the lists.'
      : ''
  return `Not known: ${away}, ${parts.length === 0 ? 'nobody can say what its pins would have' : parts.join(', and ')}.${hint}`
}

export const pinCount = (count: number): string => `${count} ${count === 1 ? 'pin' : 'pins'}`
