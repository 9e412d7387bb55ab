/** `count-tests.ts REPORT STATUS` prints `PASSED FAILED SKIPPED` of a vitest run, from its JSON report and its exit status. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** The part of vitest's JSON report that is counted. */
const Report = z.object({
  numPassedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
})
type Report = z.infer<typeof Report>

const [file = '', status = ''] = process.argv.slice(2)

/** A run that left no report has failed, whatever its exit status. */
function count(report: Report | undefined): [passed: number, failed: number, skipped: number] {
  if (report === undefined) return [0, 1, 0]
  const failedTests = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter((test) => test.status === 'failed').length
  // A file that cannot be loaded, or whose hooks fail, has failed without a failed test.
  const failedFiles = report.testResults.filter(
    (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
  ).length
  return [report.numPassedTests, failedTests + failedFiles, report.numPendingTests + report.numTodoTests]
}

function read(): Report | undefined {
  try {
    return Report.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

const [passed, failed, skipped] = count(read())
process.stdout.write(`${passed} ${failed === 0 && status !== '0' ? 1 : failed} ${skipped}\n`)
