import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { lineSplitter } from './split-lines.ts'

const generous = { lineBytes: 1024 * 1024 }

/** The bytes cut at the given places, also in the middle of a character. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end))
}

describe('lineSplitter', () => {
  test('gives the lines of the whole text, however it is cut into chunks', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '))
    fc.assert(
      fc.property(fc.array(line), line, fc.array(fc.nat()), (lines, rest, places) => {
        const text = [...lines, rest].join('\n')
        const splitter = lineSplitter(generous)
        const seen = cut(new TextEncoder().encode(text), places).flatMap((chunk) => splitter.push(chunk))
        expect(seen).toEqual(lines.filter((each) => each.trim() !== ''))
        expect(splitter.rest()).toBe(rest.trim())
      }),
    )
  })

  test('keeps a four-byte character whole that arrives byte by byte', () => {
    const splitter = lineSplitter(generous)
    const bytes = new TextEncoder().encode('"🦅"\n')
    expect([...bytes].flatMap((byte) => splitter.push(Uint8Array.of(byte)))).toEqual(['"🦅"'])
  })

  test('does not keep the chunk that an unfinished line began in', () => {
    const splitter = lineSplitter(generous)
    const chunk = Buffer.from('one\ntw')
    splitter.push(chunk)
    chunk.fill(0)
    expect(splitter.push(Buffer.from('o\n'))).toEqual(['two'])
  })

  test.each([
    { what: 'in one chunk', chunks: [`${'x'.repeat(11)}\n`] },
    { what: 'over several chunks', chunks: ['xxxxx', 'xxxxx', 'x'] },
  ])('refuses a line longer than allowed, $what', ({ chunks }) => {
    const splitter = lineSplitter({ lineBytes: 10 })
    expect(() => chunks.map((chunk) => splitter.push(Buffer.from(chunk)))).toThrow('longer than 10 bytes')
  })

  test('takes a line of exactly the longest length', () => {
    expect(lineSplitter({ lineBytes: 10 }).push(Buffer.from(`${'x'.repeat(10)}\n`))).toEqual(['x'.repeat(10)])
  })

  test('refuses what is not UTF-8, and keeps it', () => {
    const splitter = lineSplitter(generous)
    expect(() => splitter.push(Buffer.from([0x61, 0xff, 0x0a]))).toThrow(UnexpectedOutput)
  })
})
