import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/*
 * Whatever says "never" or "none" has a negative control: with the mechanism switched off, its test fails. This is the list of
 * what is promised so, with the test that holds it and the one that shows that it could fail. Of the checks themselves, the
 * proof `checks-off` shows it for all of them.
 */

interface Promised {
  never: string
  file: string
  /** Words of the titles of two tests, or of one that does both. */
  test: string
  control: string
}

const promised: readonly Promised[] = [
  {
    never: 'unknown is never green',
    file: 'test/contracts/check.contract.test.ts',
    test: 'a host that answers and knows nothing is unknown',
    control: 'that is seen here: without OBSERVATION_STALE',
  },
  {
    never: 'one more failed disk is never an improvement',
    file: 'test/contracts/check.contract.test.ts',
    test: 'one more failed disk is never an improvement',
    control: 'that is seen here: without the check that tells it, both fail',
  },
  {
    never: 'a damaged `zpool status` is never taken for well, and never crashes the parser',
    file: 'src/adapters/zfs/pool-status.fuzz.test.ts',
    test: 'text is read or refused, never taken for well',
    control: 'overlooks an errors line',
  },
  {
    never: 'a missing errors line is never a count of 0',
    file: 'src/adapters/zfs/pool-status.fuzz.test.ts',
    test: 'text that was cut before its errors counts none',
    control: 'fills 0 where the errors line is missing',
  },
  {
    never: 'no more failures are promised than a vdev can take',
    file: 'src/domain/health/failures-to-lose.test.ts',
    test: 'it never promises more than there is',
    control: 'that is seen here: counting children that are ONLINE promises too much',
  },
  {
    never: 'no check is without story, simulated fault, page and real fault',
    file: 'test/contracts/check-proofs.test.ts',
    test: 'has a unit story, a simulated fault, a page, its real fault',
    control: 'that are missing are told, each by itself',
  },
  {
    never: 'never the cluster-wide list',
    file: 'test/contracts/own-lists.test.ts',
    test: 'asks for a list of the whole cluster',
    control: 'that is seen here: one that does is caught',
  },
  {
    never: 'memory does not grow with the pins',
    file: 'src/pinindex/memory.test.ts',
    test: 'an index of any number of pins is made in 32 MB, and takes at most 64 bytes a pin',
    control: 'that is seen here: who holds what is read does not get through',
  },
  {
    never: 'no difference of two pinsets is overlooked',
    file: 'src/pinindex/differences.test.ts',
    test: 'exactly the pins that differ are found, and equal pinsets have equal sums',
    control: 'that is seen here: with sums that are all the same, nothing would be found',
  },
  {
    never: 'a pin in flight is never called diverged',
    file: 'test/scenarios/compare-pinsets.test.ts',
    test: 'a pin that arrives between two looks is in flight, and no divergence',
    control: 'that is seen here: without the second look, a pin in flight is called diverged',
  },
  {
    never: 'ok-to-stop never says yes where a pin would be lost',
    file: 'src/domain/placement/assess.test.ts',
    test: 'what is true lies between at least and at most, whatever is true of what is not known',
    control: 'that is seen here: it fails where %s',
  },
  {
    never: 'a long pinset never keeps the agent from answering',
    file: 'src/pinindex/index-reader.test.ts',
    test: 'a pinset with many groups lets the process do other things between its blocks',
    control: 'that is seen here: one of a single block is gone through at once',
  },
  {
    never: 'logs are never out of order',
    file: 'src/domain/logs/merge.test.ts',
    test: 'what is in order in each stream is in order over all',
    control: 'negative control: without waiting for the others, the order is lost',
  },
  {
    never: 'a slow follower loses nothing silently',
    file: 'src/domain/logs/merge.test.ts',
    test: 'a slow reader makes the sources wait: one message is held of each, and no more is asked for',
    control: 'negative control: streams that are read ahead are asked for all they have',
  },
  {
    never: 'of many writers of mutes none is lost',
    file: 'src/adapters/state/mutes-file.test.ts',
    test: 'of many writers at once none is lost',
    control: 'without the lock they would be (the control)',
  },
  {
    never: 'a host that hangs never keeps the others waiting',
    file: 'src/adapters/agent/patience.test.ts',
    test: 'gives up those that hang soon after most have answered',
    control: 'that is seen here: without a word that they are there, those that hang keep all waiting',
  },
  {
    never: 'no import against the table of parts',
    file: 'test/architecture.test.ts',
    test: 'has every file in a part, and no import that the row of its part does not allow',
    control: 'an import against the table',
  },
]

const root = join(import.meta.dirname, '..')

/** What is wrong with an entry of the list, in words. */
function faults({ file, test: holds, control }: Promised): string[] {
  const path = join(root, file)
  if (!existsSync(path)) return [`there is no ${file}`]
  const text = readFileSync(path, 'utf8')
  return [holds, control].filter((title) => !text.includes(title)).map((title) => `${file} has no test: ${title}`)
}

test.each(promised)('$never: there is a test, and its control', (one) => {
  expect(faults(one)).toEqual([])
})

describe('the list of controls', () => {
  test('tells of a test that is gone', () => {
    const [first] = promised
    if (first === undefined) throw new Error('nothing is promised')
    expect(faults({ ...first, control: 'no such title' })).toHaveLength(1)
    expect(faults({ ...first, file: 'test/nowhere.test.ts' })).toEqual(['there is no test/nowhere.test.ts'])
  })
})
