/** `count.ts REPORT STATUS` prints `PASSED FAILED SKIPPED` of a vitest run, from its JSON report and its exit status. */
import { readFileSync } from 'node:fs'

interface Report {
  numPassedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

const [file = '', status = ''] = process.argv.slice(2)

function count(report: Report | undefined): [passed: number, failed: number, skipped: number] {
  if (report === undefined) return [0, 0, 0]
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
    return JSON.parse(readFileSync(file, 'utf8')) as Report // vitest's own report, written by the run just ended
  } catch {
    return undefined
  }
}

const [passed, failed, skipped] = count(read())
process.stdout.write(`${passed} ${failed === 0 && status !== '0' ? 1 : failed} ${skipped}\n`)
