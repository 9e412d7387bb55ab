import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { socketAgent } from '../../src/adapters/agent/agent-client.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import type { OperationLog } from '../../src/agent/operations/operation-log.ts'
import { isFinal, type OperationState } from '../../src/domain/operation.ts'
import { milliseconds } from '../../src/domain/units.ts'
import { type AgentBench, openAgentBench } from './agent-bench.ts'
import { operationIdAt } from '../builders/operation-id.ts'
import { signerFor } from '../builders/signer.ts'

const authority = { controller: 'one', epoch: 1 }

/** What stood on the disk at each moment that counts. */
async function orderOf(wrapLog: (log: OperationLog) => OperationLog): Promise<Record<string, string | undefined>> {
  const seen: Record<string, string | undefined> = {}
  const bench: AgentBench = await openAgentBench({
    log: wrapLog,
    doer: (doer, log) => ({
      ...doer,
      async do(id, operation, doing) {
        seen['when it is done'] = (await log.find(id))?.state
        return doer.do(id, operation, doing)
      },
    }),
  })
  try {
    const changes = bench.as(authority)
    const id = operationIdAt(Date.now())
    await changes.submit(id, { kind: 'practice-mark', mark: 'm', takes: milliseconds(500), fails: false })
    seen['when it is answered'] = (await bench.log.find(id))?.state
    const watched = await bench.operations.watch(id)
    await new Promise<void>((resolve) => {
      watched?.onChange(() => {
        if (isFinal(watched.state)) resolve()
      })
    })
    seen['when its end is told'] = (await bench.log.find(id))?.state
    return seen
  } finally {
    await bench.close()
  }
}

const later = (log: OperationLog, isLate: (state: OperationState) => boolean): OperationLog => ({
  ...log,
  async write(id, state) {
    if (!isLate(state)) return log.write(id, state)
    void sleep(300).then(async () => log.write(id, state))
  },
})

describe('the log is written before the deed', () => {
  test('accepted before it is answered, running before the executor is asked, the end before it is told', async () => {
    const seen = await orderOf((log) => log)
    expect(seen['when it is answered']).toMatch(/accepted|running|succeeded/)
    expect(seen).toMatchObject({ 'when it is done': 'running', 'when its end is told': 'succeeded' })
  })

  test('negative control: with the order reversed, the same look finds it', async () => {
    const begin = await orderOf((log) => later(log, ({ state }) => state === 'running'))
    expect(begin['when it is done']).toBe('accepted')
    const end = await orderOf((log) => later(log, ({ state }) => state === 'succeeded'))
    expect(end['when its end is told']).toBe('running')
  })
})

test('where it cannot be written down that it runs, nothing is run', async () => {
  const bench = await openAgentBench({
    log: (log) => ({
      ...log,
      write: async (id, state) => {
        if (state.state === 'running') throw new Error('no space left on device')
        return log.write(id, state)
      },
    }),
  })
  const changes = bench.as(authority)
  const id = operationIdAt(Date.now())
  await changes.submit(id, { kind: 'scrub-start', ...bench.pool, errorsOnly: false })
  let last: OperationState | undefined
  for await (const state of changes.watch(id)) last = state
  expect(last).toMatchObject({ state: 'failed', remedy: 'retry', error: 'no space left on device' })
  expect(bench.scrubCommands()).toBe(0)
  await bench.close()
})

describe('outside of the policy', () => {
  test('an operation is refused with the line, written to the audit, and not remembered', async () => {
    const bench = await openAgentBench()
    bench.setPolicy('apiVersion: 1\nmode: operate\nallow:\n  - operations: [scrub-start]\n    pools: [cold-tier]\n')
    const changes = bench.as(authority)
    const id = operationIdAt(Date.now())
    const operation = { kind: 'scrub-start', ...bench.pool, errorsOnly: false } as const
    const says =
      'no line of /etc/tiercel/policy.yaml allows scrub-start on hot-tier: line 4 allows it on cold-tier only'
    await expect(changes.submit(id, operation)).rejects.toMatchObject({
      code: 'refused-by-policy',
      remedy: 'stop',
      message: says,
      hint: expect.stringContaining('tiercel agent policy show'),
    })
    expect(bench.audit).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ event: 'refused', says }),
        expect.objectContaining({ operation: id, code: 'refused-by-policy' }),
      ]),
    )
    expect(bench.scrubCommands()).toBe(0)
    // A policy that has changed counts at once.
    bench.setPolicy('apiVersion: 1\nmode: operate\nallow: [{ operations: [scrub-start], pools: ["*"] }]\n')
    expect(await changes.submit(id, operation)).toMatchObject({ state: 'accepted' })
    let last: OperationState | undefined
    for await (const state of changes.watch(id)) last = state
    expect(last?.state).toBe('succeeded')
    expect(bench.scrubCommands()).toBe(1)
    await bench.close()
  })

  test('a policy that forbids it between the question and the deed wins', async () => {
    const bench: AgentBench = await openAgentBench({
      doer: (doer) => ({
        ...doer,
        async permit(operation) {
          await doer.permit(operation)
          bench.setPolicy('apiVersion: 1\nmode: observe-only\n')
        },
      }),
    })
    const changes = bench.as(authority)
    const id = operationIdAt(Date.now())
    await changes.submit(id, { kind: 'scrub-start', ...bench.pool, errorsOnly: false })
    let last: OperationState | undefined
    for await (const state of changes.watch(id)) last = state
    expect(last).toMatchObject({ state: 'failed', remedy: 'stop', error: expect.stringContaining('policy.yaml:2') })
    expect(bench.scrubCommands()).toBe(0)
    await bench.close()
  })
})

test('an operation for another host is refused, never run', async () => {
  const bench = await openAgentBench()
  const other = socketAgent(bench.socket, undefined).changes({
    host: 'n2',
    authority: () => authority,
    signer: signerFor(authority.controller),
    clock: systemClock,
  })
  const id = operationIdAt(Date.now())
  await expect(
    other.submit(id, { kind: 'practice-mark', mark: 'm', takes: milliseconds(0), fails: false }),
  ).rejects.toMatchObject({ code: 'other-host', message: expect.stringContaining('this is n1') })
  expect(await bench.as(authority).result(id)).toBeUndefined()
  expect(await bench.marks()).toEqual([])
  await bench.close()
})
