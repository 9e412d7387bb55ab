import { expect, test } from 'vitest'
import { didYouMean, nearest } from './nearest.ts'

test.each([
  ['teir', 'tier'],
  ['adress', 'address'],
  ['Name', 'name'],
  ['clusterapi', 'clusterApi'],
  ['stors', 'stores'],
])('%s was meant to be %s', (word, meant) => {
  expect(nearest(word, ['name', 'tier', 'address', 'stores', 'clusterApi'])).toBe(meant)
})

test.each(['colour', 'x', ''])('%j was meant to be nothing that we know', (word) => {
  expect(nearest(word, ['name', 'tier', 'address'])).toBeUndefined()
})

test('a sentence about a word goes on with what was meant, or ends', () => {
  expect(didYouMean('teir', ['name', 'tier'])).toBe('; did you mean tier?')
  expect(didYouMean('colour', ['name', 'tier'])).toBe('.')
})
