import { expect, test } from 'vitest'
import { printable, printableJson, printableLines } from './terminal.ts'

test.each([
  ['colours and titles', '\u001b[31m\u001b]0;x\u0007', '\\x1b[31m\\x1b]0;x\\x07'],
  ['the same in one character', '\u009b31m', '\\x9b31m'],
  ['text that runs backwards', 'a\u202eb\u2066', 'a\\u202eb\\u2066'],
  ['line ends', 'a\nb\u2028c', 'a\\nb\\u2028c'],
  ['words', 'naïve – 冷 🧊', 'naïve – 冷 🧊'],
])('shows %s and does not obey', (_what, text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('several lines stay several', () => {
  expect(printableLines('a\n\u001bb')).toBe('a\n\\x1bb')
})

test('JSON that is made fit for a terminal says the same', () => {
  const value = { name: 'a\u009b31m\u202eb\u001b\n', 'k\u007f': [1] }
  const text = printableJson(JSON.stringify(value, undefined, 2))
  expect(JSON.parse(text)).toEqual(value)
  // oxlint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
})
