import { expect, test } from 'vitest'
import { drawn, parts } from './platform/half.ts'

test('a seed draws half of the parts, the same ones each time, and no part is left out by every seed', () => {
  const draws = Array.from({ length: 200 }, (_, seed) => drawn(parts, String(seed)))
  expect(draws.every((draw) => draw.length === Math.ceil(parts.length / 2))).toBe(true)
  expect(draws[7]).toEqual(drawn(parts, '7'))
  for (const part of parts) {
    const often = draws.filter((draw) => draw.includes(part)).length
    expect({ part, isDrawn: often > 60, isLeftOut: often < 140 }).toEqual({ part, isDrawn: true, isLeftOut: true })
  }
})
