import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { LabError } from './errors.ts'
import { labPaths, type LabPaths } from './paths.ts'
import { startTimeOf } from './processes.ts'
import { readState, writeState, type LabGuest, type LabPeer, type LabState } from './state.ts'

/** A lab that is up, as tests and faults use it. Its state is read from disk each time: `lab up` may have changed it meanwhile. */
export class Lab {
  readonly paths: LabPaths

  constructor(paths: LabPaths = labPaths()) {
    this.paths = paths
  }

  get state(): LabState {
    const state = readState(this.paths.state)
    if (state === undefined) throw new LabError('the lab is not up: run "npm run lab -- up"')
    return state
  }

  /** Whether there is anything to open. */
  get isUp(): boolean {
    return readState(this.paths.state) !== undefined
  }

  /** Changes the state file; the change is on disk before this returns. */
  update(change: (state: LabState) => LabState): void {
    writeState(this.paths.state, change(this.state))
  }

  guest(name: string): LabGuest {
    const { guests } = this.state
    const guest = guests.find((each) => each.name === name)
    if (guest !== undefined) return guest
    throw new LabError(`no guest ${name} runs; there are: ${guests.map((each) => each.name).join(', ') || 'none'}`)
  }

  peer(index: number): LabPeer {
    const { peers } = this.state
    const peer = peers.find((each) => each.index === index)
    if (peer !== undefined) return peer
    throw new LabError(`no peer ${index} runs; there are: ${peers.map((each) => each.index).join(', ') || 'none'}`)
  }
}

/** Keeps a second `up` or `down` off the same lab while one works. */
export async function exclusively<T>(paths: LabPaths, work: () => Promise<T>): Promise<T> {
  const lock = join(paths.state, 'lock')
  mkdirSync(paths.state, { recursive: true, mode: 0o700 })
  const holder = `${process.pid} ${startTimeOf(process.pid) ?? ''}`
  try {
    writeFileSync(lock, holder, { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    const [pid = '', startTime] = readFileSync(lock, 'utf8').split(' ')
    if (startTimeOf(Number(pid)) === startTime)
      throw new LabError(`another lab command, process ${pid}, works on ${paths.state}`)
    writeFileSync(lock, holder)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}
