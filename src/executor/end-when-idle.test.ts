import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { minutes } from '../domain/units.ts'
import { manualClock } from '../observe/testing.ts'
import { endWhenIdle } from './end-when-idle.ts'

test('ends five minutes after the last request, and not while an operation is under way', async () => {
  const [server, clock] = [new EventEmitter(), manualClock()]
  let [isBusy, ended] = [false, 0]
  endWhenIdle(server, { clock, isBusy: () => isBusy, end: () => (ended += 1) })
  await clock.advance(minutes(4))
  server.emit('request')
  await clock.advance(minutes(4))
  isBusy = true
  await clock.advance(minutes(60))
  expect(ended).toBe(0)
  // The control: as soon as nothing is under way, it goes.
  isBusy = false
  await clock.advance(minutes(5))
  expect(ended).toBe(1)
})
