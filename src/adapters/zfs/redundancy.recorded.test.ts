import { expect, test } from 'vitest'
import { margins } from '../../domain/health/redundancy.ts'
import { parsePoolStatus } from './pool-status.ts'
import { statusFiles, type versions } from './testing.ts'

/** `VDEV: BUILT FOR, OUT, LEFT` of every vital vdev of a recorded pool. */
function marginsOf(version: (typeof versions)[number], file: string): string[] {
  const text = statusFiles(version).find((one) => one.file === file)?.text ?? ''
  return parsePoolStatus(text, { json: file.endsWith('.json') }).flatMap((status) =>
    margins(status).map(
      ({ vdev, builtFor, out, left, isCertain }) =>
        `${vdev.name}: ${builtFor}, ${out} out, ${isCertain ? '' : 'at most '}${left} left`,
    ),
  )
}

test.each<[string, (typeof versions)[number], string, string[]]>([
  ['two mirrors, whole', '2.1.11', 'A.fresh.txt', ['mirror-0: 1, 0 out, 1 left', 'mirror-2: 1, 0 out, 1 left']],
  ['one side offline', '2.1.11', 'C.offline.txt', ['mirror-0: 1, 1 out, 0 left', 'mirror-2: 1, 0 out, 1 left']],
  [
    'a side that works is being replaced, twice',
    '2.1.11',
    'D.replacing-deferred.txt',
    ['mirror-0: 1, 0 out, 1 left', 'mirror-2: 1, 0 out, 1 left'],
  ],
  [
    'a spare is being written, and not marked yet',
    '2.1.11',
    'E.spare-resilvering.txt',
    ['mirror-0: 1, 1 out, 0 left', 'mirror-2: 1, 0 out, 1 left'],
  ],
  // Two disks of it are marked as resilvering, since the spare lies on them; they lack nothing.
  ['a distributed spare is being written', '2.1.11', 'G.rebuild.txt', ['draid2:4d:9c:1s-0: 2, 1 out, at most 1 left']],
  ['the same in JSON, without marks', '2.3.2', 'G.rebuild.json', ['draid2:4d:9c:1s-0: 2, 1 out, at most 1 left']],
  ['a distributed spare stands in', '2.1.11', 'G.rebuilt.txt', ['draid2:4d:9c:1s-0: 2, 0 out, 2 left']],
  [
    'one mirror rebuilt, another not yet',
    '2.1.11',
    'G2.two-rebuilds.txt',
    ['mirror-0: 1, 0 out, 1 left', 'mirror-1: 1, 0 out, 1 left'],
  ],
  ['a raidz', '2.3.2', 'H.raidz.txt', ['raidz1-0: 1, 0 out, 1 left']],
])('%s', (_what, version, file, expected) => {
  expect(marginsOf(version, file)).toEqual(expected)
})
