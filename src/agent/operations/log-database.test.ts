import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { signerFor } from '../../../test/builders/signer.ts'
import { operationIdAt } from '../../../test/builders/operation-id.ts'
import { Operation, type OperationId, type OperationState } from '../../domain/operation.ts'
import { days, hours, Instant } from '../../domain/units.ts'
import { LogDatabase } from './log-database.ts'
import { type AskedOperation, mostUnderWay } from './operation-log.ts'

const born = Instant.parse(Date.UTC(2026, 10, 1))
const later = (time: number): Instant => Instant.parse(born + time)
const turned = (one: object): object => Object.fromEntries(Object.entries(one).toReversed())

let folder: string
let log: LogDatabase

const open = (now: Instant = born) => new LogDatabase(join(folder, 'operations.sqlite'), { keepFor: days(7), now })
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-log-'))
  log = open()
})
afterEach(() => {
  log.close()
  rmSync(folder, { recursive: true })
})

const request = (id: OperationId, mark = 'm', epoch = 1, controller = 'one'): AskedOperation => ({
  apiVersion: 1,
  host: 'n1',
  id,
  authority: { controller, epoch },
  operation: { kind: 'practice-mark', mark, takes: hours(0), fails: false },
})
/** Asks for the host with the key of this controller; the signature was looked at before. */
const take = (controller: string, epoch: number, takeOver: boolean, mayGrant = true, key = keyOf(controller)) =>
  log.take(
    {
      apiVersion: 1,
      host: 'n1',
      controller,
      epoch,
      takeOver,
      key,
      at: born,
      signature: signerFor(controller).sign(''),
    },
    mayGrant,
  )
const keyOf = (controller: string) => signerFor(controller).publicKey
const done: OperationState = { state: 'succeeded', result: null, commands: [] }

describe('what was accepted', () => {
  test('is there after a new start, and lost where it had not ended', () => {
    const [one, two, three] = [operationIdAt(born), operationIdAt(born + 1), operationIdAt(born + 2)]
    for (const [id, mark] of [
      [one, 'a'],
      [two, 'b'],
      [three, 'c'],
    ] as const) {
      expect(log.accept(request(id, mark), later(10))).toEqual({ outcome: 'new' })
    }
    log.write(two, { state: 'running' }, later(11))
    log.write(three, done, later(12))
    log.close()
    log = open(later(20))
    expect(log.lose(later(20)).toSorted()).toEqual([one, two])
    expect([one, two, three].map((id) => log.find(id)?.state)).toEqual(['lost', 'lost', 'succeeded'])
    expect(log.lose(later(21))).toEqual([])
    expect(log.accept(request(one, 'a'), later(22))).toMatchObject({ outcome: 'known', state: { state: 'lost' } })
  })

  test('is known again in whatever order its words come, and another one is not', () => {
    const asked = request(operationIdAt(born))
    log.accept(asked, born)
    const again = (operation: object) => log.judge({ ...asked, operation: Operation.parse(operation) }, born).outcome
    expect(again(turned(asked.operation))).toBe('known')
    expect(again(turned({ ...asked.operation, mark: 'other' }))).toBe('refused')
  })

  test('never changes once it is final', () => {
    const id = operationIdAt(born)
    log.accept(request(id), born)
    log.write(id, done, born)
    log.write(id, { state: 'running' }, born)
    expect(log.find(id)).toEqual(done)
  })

  test('is bounded: more at once are refused', () => {
    for (let index = 0; index < mostUnderWay; index += 1) {
      expect(log.accept(request(operationIdAt(born + index), `m${index}`), born).outcome).toBe('new')
    }
    const more = request(operationIdAt(born + 100), 'more')
    expect(log.accept(more, born)).toMatchObject({ outcome: 'refused', refusal: { code: 'busy' } })
    expect(log.find(more.id)).toBeUndefined()
  })

  test('two on what contains the other are not done at once, and it is said what works where', () => {
    const about = (operation: AskedOperation['operation']) => ({ ...request(operationIdAt(born)), operation })
    const held = (dataset: string) => about({ kind: 'dataset-hold', dataset, snapshots: [{ name: 'a', guid: '1' }] })
    const scrub = about({ kind: 'scrub-stop', pool: 'hot', guid: '1' })
    expect(log.accept(scrub, born)).toEqual({ outcome: 'new' })
    expect(log.accept(held('hot/ipfs'), born)).toMatchObject({
      refusal: { code: 'busy', message: `the operation ${scrub.id} works on pool hot already` },
    })
    // The control: another pool, whose name begins alike.
    expect(log.accept(held('hot2/ipfs'), born)).toEqual({ outcome: 'new' })
    log.write(scrub.id, done, born)
    expect(log.accept(held('hot/ipfs'), born)).toEqual({ outcome: 'new' })
  })
})

describe('what was forgotten', () => {
  test('is forgotten after its time, and never taken again, whatever the clock says then', () => {
    const [old, recent] = [operationIdAt(born + 1000), operationIdAt(born + days(8))]
    log.accept(request(old), later(1000))
    log.write(old, done, later(2000))
    log.accept(request(recent), later(days(8)))
    expect(log.find(old)).toBeUndefined()
    // A clock that was set back makes it no younger.
    for (const now of [later(days(8)), later(5000)]) {
      expect(log.accept(request(old), now)).toMatchObject({ outcome: 'refused', refusal: { code: 'id-too-old' } })
    }
    expect(log.grant().lastOperation).toBe(recent)
  })

  test('what is older than the log itself may have been in the one before it', () => {
    const before = request(operationIdAt(born - 1))
    expect(log.accept(before, born)).toMatchObject({ outcome: 'refused', refusal: { code: 'id-too-old' } })
    expect(log.accept(request(operationIdAt(born)), born)).toEqual({ outcome: 'new' })
  })
})

describe('authority', () => {
  test('a refusal changes nothing, not even the epoch', () => {
    take('one', 5, false)
    const refused = [
      log.accept(request(operationIdAt(born), 'm', 4), born),
      log.accept(request(operationIdAt(born), 'm', 9, 'two'), born),
      take('two', 9, false),
      take('two', 5, true),
      take('one', 4, true),
    ]
    expect(refused.map((answer) => ('refusal' in answer ? answer.refusal.code : 'taken'))).toEqual([
      'older-epoch',
      'other-controller',
      'other-controller',
      'other-controller',
      'older-epoch',
    ])
    expect(log.grant()).toEqual({
      authority: { controller: 'one', epoch: 5 },
      key: keyOf('one'),
      lastOperation: null,
      lastRequest: null,
    })
  })

  test('an operation of a higher epoch raises it; of an id that is known no refusal says that it was never run', () => {
    const id = operationIdAt(born)
    log.accept(request(id, 'm', 1), born)
    log.write(id, done, born)
    log.accept(request(operationIdAt(born + 1), 'n', 2), born)
    expect(log.grant().authority).toEqual({ controller: 'one', epoch: 2 })
    expect(log.accept(request(id, 'm', 1), born)).toEqual({ outcome: 'known', state: done })
    expect(log.accept(request(id, 'm', 1, 'two'), born)).toEqual({ outcome: 'known', state: done })
    // The control: an id that is not known.
    expect(log.accept(request(operationIdAt(born + 2), 'm', 1), born)).toMatchObject({
      refusal: { code: 'older-epoch' },
    })
  })

  test('what a release without signatures has kept is brought along, and its host takes no key without the grant token', () => {
    log.close()
    const old = new DatabaseSync(join(folder, 'operations.sqlite'))
    old.exec('DROP TABLE used_signatures; PRAGMA user_version = 1')
    old.prepare('INSERT INTO facts VALUES (?, ?)').run('granted', JSON.stringify({ controller: 'one', epoch: 5 }))
    old.prepare('INSERT INTO facts VALUES (?, ?)').run('newest', operationIdAt(born))
    old.close()
    log = open()
    expect(log.grant()).toMatchObject({ authority: { controller: 'one', epoch: 5 }, key: null, lastRequest: null })
    expect(take('one', 5, false, false)).toMatchObject({
      refusal: { code: 'not-granted', hint: expect.stringContaining(`sudo tiercel agent grant one 5 ${keyOf('one')}`) },
    })
    expect(take('one', 5, false)).toMatchObject({ key: keyOf('one') })
    expect(log.use(signerFor('one').sign('x'), born)).toBeUndefined()
    expect(log.use(signerFor('one').sign('x'), born)).toMatchObject({ code: 'signature-used' })
  })

  test('another key of the same controller is taken with a higher epoch and the grant token, not otherwise', () => {
    take('one', 5, false)
    const other = keyOf('one again')
    expect(take('one', 5, false, true, other)).toMatchObject({ refusal: { code: 'other-key' } })
    expect(take('one', 6, false, false, other)).toMatchObject({ refusal: { code: 'not-granted' } })
    expect(take('one', 6, false, true, other)).toMatchObject({ key: other, authority: { epoch: 6 } })
    expect(take('one', 6, false)).toMatchObject({ refusal: { code: 'other-key' } })
  })

  test('a host that is taken over by name obeys nobody else', () => {
    take('one', 5, false)
    expect(take('two', 6, true)).toMatchObject({
      authority: { controller: 'two', epoch: 6 },
    })
    expect(log.authorize({ controller: 'one', epoch: 5 })).toMatchObject({
      code: 'other-controller',
      message: expect.stringContaining('obeys the controller two (epoch 6)'),
      hint: expect.stringContaining('tiercel controller take-over'),
    })
  })
})

test('is synced with every commit, and nobody else can open it meanwhile', () => {
  const other = new DatabaseSync(join(folder, 'operations.sqlite'), { timeout: 0 })
  expect(() => other.prepare('SELECT count(*) FROM operations').all()).toThrow('locked')
  other.close()
  log.close()
  const after = new DatabaseSync(join(folder, 'operations.sqlite'))
  expect(after.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  after.close()
  log = open()
})
