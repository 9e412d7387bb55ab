import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { signerFor } from '../../test/builders/signer.ts'
import { temporaryFolder } from '../../test/builders/temporary-folder.ts'
import { openAgentBench } from '../../test/contracts/agent-bench.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { AgentConfig } from '../domain/agent-config.ts'
import { makeId } from '../domain/make-id.ts'
import { milliseconds } from '../domain/units.ts'
import { grantByHand } from './grant.ts'

const secret = (name: string, text: string) => {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, `${text}\n`, { mode: 0o600 })
  return { file }
}

test('by hand, a host is given to a controller by name, epoch and key, with the grant token of the host', async () => {
  const bench = await openAgentBench()
  const configWith = (grantToken: { file: string }) =>
    AgentConfig.parse({ apiVersion: 1, host: 'n1', socket: bench.socket, token: secret('token', 'any'), grantToken })
  const right = configWith(secret('grant', 'right'))
  const two = { controller: 'two', epoch: '1', key: signerFor('two').publicKey }
  const submit = async () =>
    bench.as({ controller: 'two', epoch: 1 }).submit(makeId(systemClock.now()), {
      kind: 'practice-mark',
      mark: 'm',
      takes: milliseconds(0),
      fails: false,
    })
  try {
    for (const [typed, why] of [
      [{ ...two, controller: 'Two!' }, 'controller'],
      [{ ...two, epoch: 'one' }, 'epoch'],
      [{ ...two, epoch: '0' }, 'epoch'],
      [{ ...two, key: two.key.slice(0, -1) }, 'as `tiercel controller key` prints it'],
    ] as const) {
      await expect(grantByHand(right, typed)).rejects.toThrow(why)
    }
    await expect(grantByHand(configWith({ file: '/nonexistent/grant.token' }), two)).rejects.toThrow('grant.token')
    await expect(grantByHand(configWith(secret('grant', 'wrong')), two)).rejects.toMatchObject({ code: 'not-granted' })
    await expect(submit()).rejects.toMatchObject({ code: 'other-controller' })
    expect(await grantByHand(right, two)).toContain(`obeys two of epoch 1, by the key ${two.key}`)
    expect(await submit()).toEqual({ state: 'accepted' })
  } finally {
    await bench.close()
  }
})
