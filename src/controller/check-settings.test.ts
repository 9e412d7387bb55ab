import { expect, test } from 'vitest'
import { parseYaml } from '../adapters/files/parse-yaml.ts'
import { Fleet } from '../domain/fleet.ts'
import { procedures } from '../procedures/index.ts'
import { checkSettings, fleetFileOf } from './check-settings.ts'

const asFile = (settings: string) => `apiVersion: 1
hosts:
  - { name: n1, address: local }
windows:
  - { name: nights, from: '22:00', to: '06:00' }
procedures: ${settings}
`
const start = (settings: string) => () => {
  checkSettings(parseYaml('tiercel.yaml', asFile(settings), Fleet).value, procedures)
}
const check = (settings: string) => () => parseYaml('tiercel.yaml', asFile(settings), fleetFileOf(procedures))

test.each([
  ['{}'],
  ['{ scrub: { window: nights, every: 14d } }'],
  ['{ scrub-pool: { window: nights } }'],
  ['{ approval: [{ procedure: practice }] }'],
])('what a procedure brings a schema for can be said of it: %s', (settings) => {
  expect(start(settings)).not.toThrow()
  expect(check(settings)).not.toThrow()
})

test.each([
  ['{ scurb: { every: 14d } }', 'procedures.scurb: there is no procedure scurb; did you mean scrub?'],
  ['{ scrub: { evry: 14d } }', 'procedures.scrub: Unrecognized key: "evry"'],
  ['{ scrub: { every: often } }', 'procedures.scrub.every: '],
  // Only background work waits for a window.
  ['{ practice: { window: nights } }', 'procedures.practice: Unrecognized key: "window"'],
  ['{ approval: [{ procedure: scrubb }] }', 'procedures.approval.0: there is no procedure scrubb; did you mean scrub?'],
])('what nobody would read is refused at the start, with its place: %s', (settings, told) => {
  expect(start(settings)).toThrow(told)
})

test.each([
  ['{ scurb: { every: 14d } }', 'scurb'],
  ['{ scrub: { evry: 14d } }', 'evry'],
  ['{ scrub: { every: often } }', 'procedures.scrub.every'],
  ['{ practice: { window: nights } }', 'window'],
])('and where the file is checked, with its line: %s', (settings, told) => {
  expect(check(settings)).toThrow(told)
  expect(check(settings)).toThrow(/tiercel\.yaml:6/)
})

test('a window that is not declared is refused of every procedure', () => {
  expect(start('{ scrub-pool: { window: days } }')).toThrow('unknown window days; allowed: nights')
})
