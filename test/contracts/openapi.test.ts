import { Validator } from '@seriousme/openapi-schema-validator'
import { expect, test } from 'vitest'
import { openApiDocument } from '../../src/api/openapi.ts'

const document = (): Record<string, unknown> =>
  // "as": it was written from an object.
  JSON.parse(JSON.stringify(openApiDocument('1.0.0'))) as Record<string, unknown>

/** Every reference of a document that leads to nothing in it. */
function dangling(root: Record<string, unknown>): string[] {
  const found: string[] = []
  const leadsTo = (reference: string): boolean => {
    let at: unknown = root
    for (const part of reference.replace(/^#\//, '').split('/')) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined
    }
    return at !== undefined
  }
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const reference: unknown = Reflect.get(value, '$ref')
    if (typeof reference === 'string' && !leadsTo(reference)) found.push(reference)
    Object.values(value).forEach(walk)
  }
  walk(root)
  return found
}

test('the document is valid by a validator that is not ours', async () => {
  const { valid, errors } = await new Validator().validate(document())
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
})

test('the validator refuses a document that is not right', async () => {
  const { info: _info, ...rest } = document()
  expect((await new Validator().validate(rest)).valid).toBe(false)
})

test('every reference leads to something, and there is a server', () => {
  expect(dangling(document())).toEqual([])
  expect(document()['servers']).not.toEqual([])
})

test('a reference that leads to nothing is seen', () => {
  const paths = { a: { $ref: '#/$defs/__schema0' }, b: { $ref: '#/components/schemas/there' } }
  expect(dangling({ components: { schemas: { there: {} } }, paths })).toEqual(['#/$defs/__schema0'])
})
