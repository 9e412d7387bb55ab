import { expect, test } from 'vitest'
import { levelOfMessage, ownLevel } from './level.ts'

test.each([
  ['2026-11-23T23:38:56.959Z\tERROR\tipfshttp\tipfshttp/ipfshttp.go:1299\terror posting', 'error'],
  ['2026-11-23T23:39:05.079Z\tWARN\tdht/RtRefreshManager\tfailed', 'warning'],
  ['2026-11-23T23:39:05.079+0100\t\u001b[31mERROR\u001b[0m\tcluster\tx', 'error'],
  ['{"level":"error","ts":"2026-11-23T23:39:01.980Z","logger":"ipfshttp","msg":"x"}', 'error'],
  ['{"ts":1,"level":"fatal","msg":"x"}', 'critical'],
  ['10:11:12.131 ERROR  cluster: old format', 'error'],
  ['panic: runtime error: index out of range', 'critical'],
  ['Error: lock /data/repo.lock: someone else has the lock', 'error'],
  ['Kubo version: 0.43.0', undefined],
  ['the word ERROR inside', undefined],
  ['ERRORS are counted', undefined],
  ['{"msg":"level is ERROR"}', undefined],
])('%s', (text, level) => {
  expect(ownLevel(text)).toBe(level)
})

test('the graver of journal and message counts; plain info gives way', () => {
  const info = '2026-11-23T23:38:56.911Z\tINFO\tservice\tx'
  const error = '2026-11-23T23:38:56.911Z\tERROR\tservice\tx'
  expect(levelOfMessage(6, error)).toBe('error')
  expect(levelOfMessage(6, info)).toBe('info')
  expect(levelOfMessage(6, info.replace('INFO', 'DEBUG'))).toBe('debug')
  expect(levelOfMessage(3, info)).toBe('error')
  expect(levelOfMessage(2, error)).toBe('critical')
  expect(levelOfMessage(4, 'no word')).toBe('warning')
})

test('the text form of slog names its level', () => {
  expect(ownLevel('ts=2026-11-08T02:35:10.000Z level=error msg="no route"')).toBe('error')
  expect(ownLevel('time=2026-11-08T02:35:10.000Z level=WARN msg=x')).toBe('warning')
  expect(ownLevel('cost=1 level=error')).toBeUndefined()
})
