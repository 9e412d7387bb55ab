import { z } from 'zod'
import type { Json } from '../domain/run.ts'
import { UsageError } from './errors.ts'

/** One key of a procedure's input, as an option of the command line. */
export interface InputFlag {
  key: string
  /** `--errors-only`, `--pool <pool>`. */
  flags: string
  description: string
  kind: 'text' | 'number' | 'switch'
  /** It may be given several times. */
  isList: boolean
  choices: readonly string[] | undefined
  /** Every form of the input has to have it. */
  isRequired: boolean
}

/** The part of JSON Schema that options are made from; what is richer than that goes by --input. */
const Property = z.object({
  type: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  default: z.json().optional(),
  items: z.object({ type: z.string().optional(), enum: z.array(z.unknown()).optional() }).optional(),
})
type Property = z.infer<typeof Property>

const ObjectSchema = z.object({
  properties: z.record(z.string(), Property).default({}),
  required: z.array(z.string()).default([]),
})
const Schema = z.union([
  z.object({ anyOf: z.array(ObjectSchema) }),
  z.object({ oneOf: z.array(ObjectSchema) }),
  ObjectSchema,
])

/** The options of a procedure, from the JSON Schema of its input: the keys of all its forms. */
export function inputFlags(schema: Json): InputFlag[] {
  const read = Schema.safeParse(schema)
  if (!read.success) return []
  const forms = 'anyOf' in read.data ? read.data.anyOf : 'oneOf' in read.data ? read.data.oneOf : [read.data]
  const found = new Map<string, InputFlag>()
  for (const { properties } of forms) {
    for (const [key, property] of Object.entries(properties)) {
      const flag = flagOf(
        key,
        property,
        forms.every(({ required }) => required.includes(key)),
      )
      if (flag !== undefined && !found.has(key)) found.set(key, flag)
    }
  }
  return [...found.values()]
}

function flagOf(key: string, property: Property, isRequired: boolean): InputFlag | undefined {
  const isList = property.type === 'array'
  const { type, enum: values } = isList ? (property.items ?? {}) : property
  const value = isList ? key.replace(/s$/, '') : key
  const name = `--${value.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`
  const standard =
    property.default === undefined || property.default === false
      ? ''
      : ` (default: ${JSON.stringify(property.default)})`
  const common = {
    key,
    description: `${property.description ?? ''}${isList ? ' (repeatable)' : ''}${standard}`.trim(),
    isList,
    choices: values?.filter((one): one is string => typeof one === 'string'),
    isRequired,
  }
  const placeholder = value.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
  switch (type ?? typeof property.const) {
    case 'boolean':
      return { ...common, kind: 'switch', flags: name }
    case 'number':
    case 'integer':
      return { ...common, kind: 'number', flags: `${name} <${placeholder}>` }
    case 'string':
      return { ...common, kind: 'text', flags: `${name} <${placeholder}>` }
    default:
      return undefined
  }
}

/** The input that was asked for: `--input`, and over that each option by itself. */
export function inputFrom(
  flags: readonly InputFlag[],
  given: Readonly<Record<string, unknown>>,
  whole: string | undefined,
): Json {
  const input: Record<string, Json> = whole === undefined ? {} : objectOf(whole)
  for (const { key, kind, flags: text } of flags) {
    const value = given[optionName(text)]
    if (value === undefined) continue
    const values = (Array.isArray(value) ? value : [value]).map((one: unknown) => valueOf(one, kind, text))
    input[key] = Array.isArray(value) ? values : (values[0] ?? null)
  }
  return input
}

/** The option that has to be given and was not, by itself or in `--input`; undefined where none is missing. */
export const missingFlag = (flags: readonly InputFlag[], input: Json): InputFlag | undefined => {
  const given = z.record(z.string(), z.json()).safeParse(input).data ?? {}
  return flags.find(({ key, isRequired }) => isRequired && given[key] === undefined)
}

/** As commander calls it: `--errors-only` → `errorsOnly`. */
export const optionName = (flags: string): string =>
  (flags.split(' ')[0] ?? '').slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

function valueOf(value: unknown, kind: InputFlag['kind'], flags: string): Json {
  if (kind === 'switch') return value === true
  const text = String(value)
  if (kind === 'text') return text
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number))
    throw new UsageError(`${flags.split(' ')[0]} is a number, not ${text}`)
  return number
}

function objectOf(text: string): Record<string, Json> {
  try {
    const read = z.record(z.string(), z.json()).safeParse(JSON.parse(text))
    if (read.success) return read.data
  } catch {
    // Said below.
  }
  throw new UsageError(`--input is a JSON object, such as '{"host":"n1"}'`)
}
