import { expect, test } from 'vitest'
import { excludes, onHost } from './subject.ts'

test.each([
  ['pool:hot', 'pool:hot'],
  ['host:n1', 'pool:n1/hot'],
  ['host:n1', 'kubo:n1/hot'],
  ['pool:hot', 'dataset:hot'],
  ['pool:hot', 'dataset:hot/a/b'],
  ['pool:hot', 'snapshot:hot@x'],
  ['pool:hot', 'snapshot:hot/a@x'],
  ['dataset:hot/a', 'dataset:hot/a/b'],
  ['dataset:hot/a', 'snapshot:hot/a@x'],
  ['dataset:hot/a', 'snapshot:hot/a/b@x'],
  ['store:n1/hot', 'kubo:n1/hot'],
  ['store:n1/hot', 'peer:n1/hot'],
  ['mark:a', 'mark:a'],
])('%s and %s exclude each other, both ways', (one, other) => {
  expect(excludes(one, other)).toBe(true)
  expect(excludes(other, one)).toBe(true)
})

test.each([
  ['pool:hot', 'pool:hot2'],
  ['pool:hot', 'dataset:hot2/a'],
  ['pool:hot', 'snapshot:hot2@x'],
  ['host:n1', 'pool:n10/hot'],
  ['dataset:hot/a', 'dataset:hot/ab'],
  ['dataset:hot/a', 'snapshot:hot/ab@x'],
  ['snapshot:hot/a@x', 'snapshot:hot/a@y'],
  ['kubo:n1/hot', 'peer:n1/hot'],
  ['store:n1/hot', 'kubo:n1/warm'],
  ['background:host:n1', 'host:n1'],
  ['mark:n1/a', 'host:n1'],
  ['a lock without a colon', 'host:n1'],
])('%s and %s can be worked on at once', (one, other) => {
  expect(excludes(one, other)).toBe(false)
  expect(excludes(other, one)).toBe(false)
})

test('a subject of a host is named over all hosts with the host in front', () => {
  expect(onHost('n1', 'pool:hot tier')).toBe('pool:n1/hot tier')
  expect(onHost('n1', 'snapshot:hot/a@x:y')).toBe('snapshot:n1/hot/a@x:y')
})
