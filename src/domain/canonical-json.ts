import { Json } from './run.ts'

/** JSON with the keys of every object in order: equal data gives equal text. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

/** The same of what is sent as JSON, as the other side will have read it: without what is undefined. */
export const canonicalText = (value: object): string => canonicalJson(Json.parse(JSON.parse(JSON.stringify(value))))
