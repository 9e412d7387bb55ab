/** What stops the lab, in a sentence that says what to do next. Printed without a stack trace. */
export class LabError extends Error {
  override readonly name: string = 'LabError'
}
