import { OpsError, type Remedy } from '../domain/errors.ts'

/** A journal was to say what cannot follow. A bug of ours, or a store that was tampered with: nothing is written. */
export class IllegalTransition extends OpsError {
  readonly remedy = 'stop'
}

/** What was asked for does not exist, or is not of the right shape; `hint` says what is allowed. */
export class InvalidInput extends OpsError {
  readonly remedy = 'stop'
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}

/** What was asked for cannot be done to the run as it stands. */
export class NotNow extends OpsError {
  readonly remedy = 'stop'
  readonly hint: string

  constructor(message: string, hint = '') {
    super(message)
    this.hint = hint
  }
}

/** Something that was begun cannot be taken back. */
export class NoWayBack extends NotNow {}

/** This release cannot read a run: its procedure is gone, or its plan or journal has another shape. */
export class Unreadable extends NotNow {
  constructor(run: string, why: string) {
    super(`this release cannot read run ${run}: ${why}`, `to end it, and let its locks go: tiercel runs leave ${run}`)
  }
}

/** The world is not as it was when the plan was made. `difference` has a line for each thing that differs. */
export class PlanOutOfDate extends OpsError {
  readonly remedy = 'ask'
  readonly difference: readonly string[]

  constructor(message: string, difference: readonly string[]) {
    super(message)
    this.difference = difference
  }
}

/** Something that must hold before the start does not, or was not seen to. */
export class PreflightObjects extends OpsError {
  readonly remedy = 'ask'
  readonly objections: readonly string[]

  constructor(objections: readonly string[]) {
    super(`not started: ${objections.join('; ')}`)
    this.objections = objections
  }
}

/** A host has ended an operation badly. */
export class OperationFailed extends OpsError {
  readonly remedy: Remedy

  constructor(message: string, remedy: Remedy) {
    super(message)
    this.remedy = remedy
  }
}

/** The agent died under an operation: the world is looked at, and only what is not done is tried again. */
export class OperationLost extends OpsError {
  readonly remedy = 'retry'
}

/** A host says that the operation succeeded, and nothing of it can be seen. */
export class EffectMissing extends OpsError {
  readonly remedy = 'ask'
}

/** A step has said that it is finished, and looking says otherwise. */
export class NotSeenDone extends OpsError {
  readonly remedy = 'ask'
}

/** What is to be taken back has not ended yet. */
export class StillAtWork extends OpsError {
  readonly remedy = 'retry'
}

/** A step runs longer than it may. */
export class StepOverdue extends OpsError {
  readonly remedy = 'ask'
}

/** The engine ends; what the run was doing goes on, and is found again at the next start. */
export class EngineClosing extends OpsError {
  readonly remedy = 'retry'
}

/** A step was called off, so that it can be paused. */
export class CalledOff extends OpsError {
  readonly remedy = 'retry'
}

/** Somebody was quicker: the run is looked at again. */
export function ifItHasMovedOn(error: unknown): void {
  if (!(error instanceof NotNow)) throw error
}
