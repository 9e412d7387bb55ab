import { writeFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { findPostgres, startPostgres } from '../contracts/postgres-server.ts'
import { ControllerBench, ended, patience } from './controller-bench.ts'

const programs = findPostgres()
vi.setConfig({ testTimeout: 300_000 })

describe.skipIf(programs === undefined)('PostgreSQL (skipped: its Debian package is not installed)', () => {
  test('under a real controller: a run goes on after its death, and the password is in no log', async () => {
    const server = await startPostgres(programs ?? '')
    const bench = new ControllerBench()
    try {
      writeFileSync(bench.at('store.url'), `${await server.makeDatabase()}\n`, { mode: 0o600 })
      await bench.startAgent()
      bench.controllerFile('first', `{ postgres: { file: ${bench.at('store.url')} } }`)
      const first = await bench.startController('first')
      const id = bench.begin('--seconds', '4', '--mark', 'killed')
      await expect.poll(() => bench.stateOf(id), patience).toBe('running')
      first.kill('SIGKILL')
      await ended(first)
      const second = await bench.startController('first')
      await expect.poll(() => bench.stateOf(id), patience).toBe('succeeded')
      expect(bench.tiercel('locks').stdout).toContain('nothing is held')
      expect(bench.tiercel('audit', '--verify').stdout).toContain('each as it was written')
      second.kill('SIGTERM')
      await ended(second)
      for (const text of [server.password, encodeURIComponent(server.password)])
        expect(bench.logs.join('')).not.toContain(text)
    } finally {
      bench.remove()
      await server.stop()
    }
  })
})
