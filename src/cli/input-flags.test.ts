import { expect, test } from 'vitest'
import { z } from 'zod'
import { inputFlags, inputFrom, missingFlag } from './input-flags.ts'

const schema = (input: z.ZodType) => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(input, { io: 'input' })
  return z.json().parse(rest)
}

const Input = z.strictObject({
  host: z.string().describe('The host'),
  pools: z.array(z.string()).optional().describe('The pools'),
  errorsOnly: z.boolean().default(false),
  seconds: z.int().default(20),
  class: z.enum(['hot', 'cold']).optional(),
  nested: z.object({ a: z.string() }).optional(),
})

test('each key of an input that can be one is an option', () => {
  expect(inputFlags(schema(Input)).map(({ flags, kind, isList }) => ({ flags, kind, isList }))).toEqual([
    { flags: '--host <host>', kind: 'text', isList: false },
    { flags: '--pool <pool>', kind: 'text', isList: true },
    { flags: '--errors-only', kind: 'switch', isList: false },
    { flags: '--seconds <seconds>', kind: 'number', isList: false },
    { flags: '--class <class>', kind: 'text', isList: false },
  ])
  expect(inputFlags(schema(Input)).find(({ key }) => key === 'class')?.choices).toEqual(['hot', 'cold'])
  expect(inputFlags(schema(Input)).find(({ key }) => key === 'seconds')?.description).toContain('default: 20')
})

test('the options of all forms of an input are there, once each', () => {
  const forms = z.union([z.strictObject({ pool: z.string() }), z.strictObject({ tier: z.string(), pool: z.string() })])
  expect(inputFlags(schema(forms)).map(({ key }) => key)).toEqual(['pool', 'tier'])
})

test('what every form needs is missed by name, unless the whole input has it', () => {
  const flags = inputFlags(schema(Input))
  expect(missingFlag(flags, inputFrom(flags, { seconds: '5' }, undefined))?.flags).toBe('--host <host>')
  expect(missingFlag(flags, inputFrom(flags, {}, '{"host":"n1"}'))).toBeUndefined()
  const forms = z.union([z.strictObject({ pool: z.string() }), z.strictObject({ tier: z.string() })])
  expect(missingFlag(inputFlags(schema(forms)), {})).toBeUndefined()
})

test('options make an input that the procedure takes, over --input', () => {
  const flags = inputFlags(schema(Input))
  const given = { host: 'n1', pool: ['a', 'b'], errorsOnly: true, seconds: '5' }
  const input = inputFrom(flags, given, '{"host":"n9","nested":{"a":"x"}}')
  expect(Input.parse(input)).toEqual({
    host: 'n1',
    pools: ['a', 'b'],
    errorsOnly: true,
    seconds: 5,
    nested: { a: 'x' },
  })
  expect(inputFrom(flags, {}, undefined)).toEqual({})
})

test.each([
  ['--seconds', { seconds: 'many' }, undefined, '--seconds is a number'],
  ['--input', {}, '[1]', '--input is a JSON object'],
  ['--input that is no JSON', {}, '{', '--input is a JSON object'],
])('what is no input is refused by name: %s', (_, given, whole, says) => {
  expect(() => inputFrom(inputFlags(schema(Input)), given, whole)).toThrow(says)
})
