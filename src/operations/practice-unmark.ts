import { agentOperation } from './operation.ts'
import { MarkName, MarkResult } from './practice-mark.ts'

export const practiceUnmark = agentOperation({
  kind: 'practice-unmark',
  by: 'harmless',
  about: 'Takes the mark away.',
  Words: { mark: MarkName },
  Result: MarkResult,
  results: '`taken-away`; `was-none`',
  example: { mark: 'a' },
  scopes: () => [],
  subjects: ({ mark }) => [`mark:${mark}`],
  act: async ({ mark }, { marks }) => ({
    result: { mark, outcome: (await marks.take(mark)) ? 'taken-away' : 'was-none' },
  }),
})
