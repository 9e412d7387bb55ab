import { z } from 'zod'
import type { ProcedureInfo } from '../api/operator-nouns.ts'
import { Json } from '../domain/run.ts'
import type { Procedure } from '../engine/procedure.ts'

/** Procedures as they are listed, with the JSON Schema of what each is given. */
export function procedureInfos<World>(procedures: readonly Procedure<World>[]): ProcedureInfo[] {
  return procedures.map(({ name, title, about, class: runClass, Input, examples }) => {
    const { $schema: _dialect, ...schema } = z.toJSONSchema(Input, { io: 'input', unrepresentable: 'any' })
    return {
      name,
      title,
      about,
      class: runClass,
      input: Json.parse(JSON.parse(JSON.stringify(schema))),
      examples: examples.map((example) => ({ name: example.name, about: example.about, input: example.input })),
    }
  })
}
