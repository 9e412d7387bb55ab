import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { claim, type Proof } from './proof.ts'

const root = join(import.meta.dirname, '..')

/** Random actions over the engine, for ten minutes: the tests run three short ones, and the negative controls. */
export const engine: Proof = {
  name: 'engine',
  title:
    'whatever people, networks and machines do to runs: nothing is at work twice, no lock is left, all comes to an end',
  run({ share, seed }) {
    const seconds = Math.round(600 * share)
    const { status, stdout, stderr } = spawnSync(
      join(root, 'node_modules/.bin/vitest'),
      ['run', '--project', 'unit', 'test/scenarios/engine-random.test.ts'],
      {
        cwd: root,
        encoding: 'utf8',
        timeout: seconds * 1000 + 600_000,
        env: { ...process.env, TIERCEL_ENGINE_SECONDS: String(seconds), TIERCEL_ENGINE_SEED: String(seed) },
      },
    )
    claim(status === 0, `random actions have found a fault: ${stdout.slice(-4000)}${stderr.slice(-1000)}`)
    const episodes = /episodes: (\d+)/.exec(stdout)?.[1]
    claim(episodes !== undefined, 'no episode was played')
    return Promise.resolve({ seconds, episodes })
  },
}
