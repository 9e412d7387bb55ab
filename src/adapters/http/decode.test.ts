import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { decode, Int64, parseExactJson } from './decode.ts'

describe('parseExactJson', () => {
  test('keeps every 64-bit integer exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (value) => {
        const parsed = parseExactJson(`{"value":[${value}]}`)
        const expected = Number.isSafeInteger(Number(value)) ? Number(value) : value
        expect(parsed).toEqual({ value: [expected] })
      }),
    )
  })

  test('parses everything else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // Integers written out beyond 2^53 are the one difference.
        fc.pre(!/\d{16}/.test(text))
        expect(parseExactJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('leaves long digits in strings, fractions and exponents as they are', () => {
    const text = '{"value":"1234567890123456789","share":0.1234567890123456789,"big":1.5e300}'
    expect(parseExactJson(text)).toEqual(JSON.parse(text))
  })
})

describe('decode', () => {
  const Shape = z.object({ expire: Int64, count: z.int().optional() })

  test('gives exact bigints for 64-bit fields', () => {
    expect(decode(Shape, '{"expire":1795401234567890123}', 'GET /x')).toEqual({ expire: 1_795_401_234_567_890_123n })
    expect(decode(Shape, '{"expire":7}', 'GET /x')).toEqual({ expire: 7n })
  })

  test('refuses an integer that a number cannot hold, where a number is expected', () => {
    expect(() => decode(Shape, '{"expire":1,"count":9007199254740993}', 'GET /x')).toThrow('count')
  })

  test.each([
    { what: 'HTML', text: '<html>moved</html>', says: 'not JSON' },
    { what: 'half a value', text: '{"expire":', says: 'not JSON' },
    { what: 'another shape', text: '{"expire":"soon"}', says: 'a shape that we do not know' },
  ])('refuses $what and keeps its text', ({ text, says }) => {
    let refused: unknown
    try {
      decode(Shape, text, 'GET /x')
    } catch (error) {
      refused = error
    }
    expect(refused).toBeInstanceOf(UnexpectedOutput)
    expect(refused).toMatchObject({ raw: text, message: expect.stringContaining(says) })
  })
})
