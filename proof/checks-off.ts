import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { checks } from '../src/domain/health/checks/index.ts'
import { claim, type Proof } from './proof.ts'

const root = join(import.meta.dirname, '..')

/** What vitest's JSON report says of each test file. */
const Report = z.object({ testResults: z.array(z.object({ name: z.string(), status: z.string() })) })

/** The negative control of every check at once: a test that holds also without the check says nothing of it. */
export const checksOff: Proof = {
  name: 'checks-off',
  title: `with the ${checks.length} checks of health switched off, the story of each one fails`,
  run({ say }) {
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-proof-'))
    try {
      const on = storiesThatFail(join(folder, 'on.json'), 'vitest.config.ts')
      claim(on.failed.size === 0, `with all checks as they are, the story of ${[...on.failed].join(', ')} fails`)
      say(`${on.run.size} stories hold with the checks as they are`)
      const off = storiesThatFail(join(folder, 'off.json'), 'proof/checks-off.config.ts')
      const deaf = checks.map(({ code }) => code).filter((code) => !off.failed.has(code))
      claim(deaf.length === 0, `with the check switched off, the story of ${deaf.join(', ')} does not fail`)
      return Promise.resolve({ checks: checks.length, 'stories that fail without their check': off.failed.size })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

/** Runs the test beside every check, and gives the codes of those that ran and of those that failed. */
function storiesThatFail(report: string, config: string): { run: Set<string>; failed: Set<string> } {
  const stories = checks.map(
    ({ code }) => `src/domain/health/checks/${code.toLowerCase().replaceAll('_', '-')}.test.ts`,
  )
  const { stderr } = spawnSync(
    join(root, 'node_modules/.bin/vitest'),
    ['run', '--config', config, '--project', 'unit', '--reporter=json', `--outputFile.json=${report}`, ...stories],
    { cwd: root, encoding: 'utf8', timeout: 600_000 },
  )
  let results: z.infer<typeof Report>['testResults']
  try {
    results = Report.parse(JSON.parse(readFileSync(report, 'utf8'))).testResults
  } catch (cause) {
    throw new Error(`the stories were not run: ${stderr.slice(-2000)}`, { cause })
  }
  return {
    run: new Set(results.map(({ name }) => codeOf(name))),
    failed: new Set(results.filter(({ status }) => status === 'failed').map(({ name }) => codeOf(name))),
  }
}

const codeOf = (file: string): string => basename(file, '.test.ts').toUpperCase().replaceAll('-', '_')
