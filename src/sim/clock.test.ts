import { describe, expect, it } from 'vitest'
import { milliseconds, seconds } from '../domain/units.ts'
import { simClock } from './clock.ts'
import { createWorld } from './create-world.ts'

describe('simClock', () => {
  it('stands still until it is advanced', () => {
    const world = createWorld()
    const clock = simClock(world)
    expect(clock.now()).toBe(world.now)
    const before = clock.now()
    clock.advance(seconds(5))
    expect(clock.now() - before).toBe(5000)
  })

  it('runs what is due in order, each at its own moment, also what is set on the way', () => {
    const clock = simClock(createWorld())
    const start = clock.now()
    const seen: [string, number][] = []
    const note = (name: string) => seen.push([name, clock.now() - start])
    clock.after(milliseconds(300), () => note('late'))
    clock.after(milliseconds(100), () => {
      note('early')
      clock.after(milliseconds(50), () => note('set on the way'))
    })
    clock.after(milliseconds(900), () => note('beyond'))
    clock.advance(milliseconds(500))
    expect(seen).toEqual([
      ['early', 100],
      ['set on the way', 150],
      ['late', 300],
    ])
  })

  it('forgets what was called off', () => {
    const clock = simClock(createWorld())
    let ran = false
    const off = clock.after(milliseconds(10), () => {
      ran = true
    })
    off()
    clock.advance(seconds(1))
    expect(ran).toBe(false)
  })
})
