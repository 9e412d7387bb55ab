import { expect, test } from 'vitest'
import { Fleet } from './fleet.ts'
import { settingsOf } from './settings-of.ts'

const fleet = (approval: object[]): Fleet =>
  Fleet.parse({
    apiVersion: 1,
    hosts: [{ name: 'n1', address: 'local' }],
    windows: [{ name: 'night', from: '22:00', to: '06:00' }],
    procedures: { scrub: { window: 'night' }, approval },
  })

const ruleOf = (rules: readonly string[], procedure: string): string | undefined =>
  settingsOf(fleet(rules.map((each) => ({ procedure: each }))), procedure).approval?.procedure

test('the settings of its own name come first, then those of the whole, then those of its parts', () => {
  expect(ruleOf(['scrub', 'scrub-pool'], 'scrub-pool')).toBe('scrub-pool')
  expect(ruleOf(['scrub', 'scrub-pool'], 'scrub')).toBe('scrub')
  expect(ruleOf(['scrub'], 'scrub-pool')).toBe('scrub')
  expect(ruleOf(['scrub', 'scrub-pool'], 'scrub-pool-part')).toBe('scrub-pool')
  // Whoever asks for the whole asks for this too.
  expect(ruleOf(['scrub-pool'], 'scrub')).toBe('scrub-pool')
})

test('what only begins with the same letters is another procedure', () => {
  expect(ruleOf(['scrub'], 'scrubber')).toBeUndefined()
  expect(ruleOf(['scrub'], 'practice')).toBeUndefined()
  expect(ruleOf([], 'scrub')).toBeUndefined()
})

test('windows go by the same', () => {
  expect(
    ['scrub', 'scrub-pool', 'scrubber', 'practice'].map((each) => settingsOf(fleet([]), each).window?.name),
  ).toEqual(['night', 'night', undefined, undefined])
})
