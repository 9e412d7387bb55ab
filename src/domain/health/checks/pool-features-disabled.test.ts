import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { poolFeaturesDisabled } from './pool-features-disabled.ts'

const told = (text: string) => {
  const { view, n1 } = bench()
  n1.status.statusText = text
  return poolFeaturesDisabled.find(view)
}

test.each([
  'Some supported and requested features are not enabled on the pool. The pool can still be used, but some features are unavailable.',
  'Some supported features are not enabled on the pool. The pool can still be used, but some features are unavailable.',
])('%s', (text) => {
  expect(told(text)).toMatchObject([{ severity: 'info', subject: 'n1/hot-tier', endangers: '' }])
})

test('any other reason is not this one, and none is none', () => {
  expect(told('The pool cannot be accessed because it uses features that are not enabled.')).toEqual([])
  expect(poolFeaturesDisabled.find(bench().view)).toEqual([])
})
