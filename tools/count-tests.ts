/**
 * `count-tests.ts REPORT STATUS` prints `PASSED FAILED SKIPPED` of a vitest run, from its JSON report and its exit status. On stderr it
 * names what was not run; the reason stands in the name.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** The part of vitest's JSON report that is counted. */
const Report = z.object({
  numPassedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
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

const report = read()
for (const { status: end, fullName } of report?.testResults.flatMap((result) => result.assertionResults) ?? []) {
  if (end !== 'passed' && end !== 'failed') process.stderr.write(`not run: ${fullName}\n`)
}
const [passed, failed, skipped] = count(report)
process.stdout.write(`${passed} ${failed === 0 && status !== '0' ? 1 : failed} ${skipped}\n`)
