import { setTimeout as sleep } from 'node:timers/promises'
import { type ControllerClient, ControllerRefused } from '../src/adapters/controller/client.ts'
import { OpsError } from '../src/domain/errors.ts'
import { makeId } from '../src/domain/make-id.ts'
import { Instant } from '../src/domain/units.ts'
import type { RunRecord, RunSummary } from '../src/domain/run.ts'
import { nextBetween, type RandomState } from '../src/sim/random.ts'
import type { Ending } from './crash-evidence.ts'
import type { Lane, Script } from './crash-scripts.ts'

/** What the people of all lanes have in common. */
export interface Office {
  client: ControllerClient
  /** No further run is begun. */
  isClosing: () => boolean
  /** Something is being asked of the controller right now: a good moment to kill somebody. */
  onAsk: () => void
  accepted: { id: string; ends: Ending }[]
  /** Questions that only a stranger's doing gives rise to. */
  strangers: string[]
  /** Faults of the controller, in its own words. */
  failures: string[]
  /** How often something was answered or set going again. */
  tally: Map<string, number>
  random: RandomState
}

const lookEvery = 250

/** Begins one run after the other, and does for each what a person would. */
export async function workLane(lane: Lane, office: Office): Promise<void> {
  while (!office.isClosing()) {
    const script = lane(office.random)
    const id = await begin(script, office)
    if (id !== undefined) await seeThrough(id, script, office)
    await sleep(nextBetween(office.random, 0, 500))
  }
}

/** Asks for a run until there is an answer; undefined where it was refused and nobody asks any more. */
async function begin({ procedure, input, ends }: Script, office: Office): Promise<string | undefined> {
  const requestId = makeId(Instant.parse(Date.now()))
  for (;;) {
    const answer = await attempt(office, 'start', async ({ client }) =>
      client.ask('runStart', { body: { requestId, procedure, input } }),
    )
    if (answer.outcome === 'done') {
      office.accepted.push({ id: requestId, ends })
      return requestId
    }
    // What was not answered may have been begun all the same.
    if (answer.outcome === 'refused' && office.isClosing()) return undefined
    await sleep(nextBetween(office.random, 50, 400))
  }
}

async function seeThrough(id: string, script: Script, office: Office): Promise<void> {
  let isCanceled = false
  for (;;) {
    const seen = await attempt(office, 'look', async ({ client }) => client.ask('run', { params: { run: id } }))
    if (seen.outcome === 'done') {
      const { run, question, children, cancelRequested } = seen.answer
      isCanceled ||= cancelRequested
      if (run.state === script.ends) return
      if (run.state === 'succeeded' || run.state === 'failed' || run.state === 'stopped') {
        const way = script.ends === 'undone' && run.state !== 'failed' ? 'runUndo' : undefined
        await setGoing(run, way ?? (isAsItShould(run, script) ? 'runUndo' : 'runResume'), office)
      } else if (run.state === 'asking') {
        await answerTo(run, question, script, office)
      } else if (script.isCanceled && !isCanceled && run.state === 'running') {
        await sleep(nextBetween(office.random, 0, 1500))
        await attempt(office, 'cancel', async ({ client }) =>
          client.ask('runCancel', { params: { run: id }, body: {} }),
        )
      }
      for (const child of children) if (child.state === 'asking') await answerChild(child, script, office)
    }
    await sleep(lookEvery)
  }
}

/** A practice that was to fail has failed of that: it is taken back. What has failed of a crash goes on. */
const isAsItShould = ({ state, reason }: RunRecord, { ends }: Script): boolean =>
  ends === 'undone' && (state !== 'failed' || reason.includes('as it was asked to'))

async function setGoing({ id, state, reason }: RunRecord, verb: 'runUndo' | 'runResume', office: Office) {
  if (state === 'failed') count(office, `failed, ${nameless(reason, 90)}`)
  await attempt(office, verb, async ({ client }) => client.ask(verb, { params: { run: id }, body: {} }))
}

async function answerChild(child: RunSummary, script: Script, office: Office): Promise<void> {
  const seen = await attempt(office, 'look', async ({ client }) => client.ask('run', { params: { run: child.id } }))
  if (seen.outcome !== 'done' || seen.answer.run.state !== 'asking') return
  await answerTo(child, seen.answer.question, script, office)
}

async function answerTo(
  { id }: RunSummary,
  { text, choices }: { text: string; choices: readonly string[] } = { text: '', choices: [] },
  { answer }: Script,
  office: Office,
): Promise<void> {
  const isOnPurpose = text.includes('asks on purpose')
  if (!isOnPurpose) count(office, `asked, ${nameless(text, 110)}`)
  if (text.includes('somebody')) office.strangers.push(`run ${id}: ${text}`)
  const choice = isOnPurpose ? answer : choices.includes('look-again') ? 'look-again' : 'leave'
  await attempt(office, 'answer', async ({ client }) =>
    client.ask('runAnswer', { params: { run: id }, body: { choice } }),
  )
}

type Attempt<T> = { outcome: 'done'; answer: T } | { outcome: 'refused' } | { outcome: 'unanswered' }

/** Nobody answers while the controller is down, and what was asked may have been done or not. */
async function attempt<T>(office: Office, what: string, ask: (office: Office) => Promise<T>): Promise<Attempt<T>> {
  try {
    if (what !== 'look') office.onAsk()
    return { outcome: 'done', answer: await ask(office) }
  } catch (error) {
    if (!(error instanceof OpsError)) throw error
    if (!(error instanceof ControllerRefused)) return { outcome: 'unanswered' }
    const { status, code, message } = error
    if (status >= 500 && status !== 503) office.failures.push(`${what}: ${status} ${code}: ${message}`)
    count(office, `refused, ${what}: ${status} ${nameless(message, 90)}`)
    return { outcome: 'refused' }
  }
}

function count({ tally }: Office, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1)
}

/** Without ids and marks, so that the same things are counted as one. */
const nameless = (text: string, length: number): string =>
  text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]+|m\d+/g, '…').slice(0, length)
