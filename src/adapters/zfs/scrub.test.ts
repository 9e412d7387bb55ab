import { expect, test } from 'vitest'
import type { RootOperation } from '../../domain/policy.ts'
import { scrubArgs, scrubMeaning } from './scrub.ts'
import { recorded } from './testing.ts'

const on = { pool: 'hot', guid: '1' }
const start: RootOperation = { kind: 'scrub-start', ...on, errorsOnly: false }
const errors: RootOperation = { kind: 'scrub-start', ...on, errorsOnly: true }
const pause: RootOperation = { kind: 'scrub-pause', ...on }
const stop: RootOperation = { kind: 'scrub-stop', ...on }

const command = (operation: RootOperation): string => ['zpool', ...scrubArgs(operation)].join(' ')

test('builds the commands that were recorded', () => {
  expect(command(start)).toBe(recorded('2.1.11', 'B.scrubstart').cmd)
  expect(command(errors)).toBe(recorded('2.3.9', 'B.errscrub').cmd)
  expect(command(pause)).toBe(recorded('2.3.2', 'B.scrubpause').cmd)
  expect(command(stop)).toBe(recorded('2.3.2', 'B.scrubcancel').cmd)
})

test.each(['2.1.11', '2.3.2', '2.3.9'])('what is so already is what was wanted (recorded on %s)', (version) => {
  const meaning = (operation: RootOperation, name: string) => {
    const { exit, stderr, cmd } = recorded(version, name)
    expect(exit).toBe(1)
    expect(cmd).toBe(command(operation))
    return scrubMeaning(operation, stderr)
  }
  expect(meaning(start, 'B.scrubtwice')).toEqual({ outcome: 'was-running' })
  expect(meaning(pause, 'B.pause-twice')).toEqual({ outcome: 'was-paused' })
  expect(meaning(stop, 'B.scrubcancel-none')).toEqual({ outcome: 'was-none' })
})

test('the same words where they do not say that what was wanted is so are not known', () => {
  const { stderr } = recorded('2.3.2', 'B.scrubtwice')
  expect(scrubMeaning(errors, stderr)).toBeUndefined()
  expect(scrubMeaning(stop, stderr)).toBeUndefined()
  expect(scrubMeaning(start, recorded('2.3.2', 'B.pause-twice').stderr)).toBeUndefined()
  expect(scrubMeaning(start, recorded('2.3.2', 'B.scrubcancel-none').stderr)).toBeUndefined()
})

test('refusals are failures, by their kind', () => {
  expect(scrubMeaning(errors, recorded('2.1.11', 'B.errscrub').stderr)).toMatchObject({ remedy: 'stop' })
  expect(scrubMeaning(start, recorded('2.1.11', 'K.scrub').stderr)).toMatchObject({ remedy: 'ask' })
  expect(scrubMeaning(start, recorded('2.1.11', 'L.ro-scrub').stderr)).toMatchObject({ remedy: 'ask' })
  expect(scrubMeaning(start, 'cannot scrub hot: currently resilvering\n')).toMatchObject({ remedy: 'retry' })
})

test.each(['', 'cannot scrub hot: I/O error', 'there is no active scrub', recorded('2.3.2', 'Q.scrub').stderr])(
  'unknown words mean nothing: %j',
  (stderr) => {
    for (const operation of [start, errors, pause]) expect(scrubMeaning(operation, stderr)).toBeUndefined()
  },
)
