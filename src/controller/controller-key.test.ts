import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/builders/temporary-folder.ts'
import { NotPermitted } from '../domain/errors.ts'
import { openControllerKey } from './controller-key.ts'

const newFile = () => join(temporaryFolder(), 'state', 'controller.key')

test('is made once, for its user alone, and is the same at each start', async () => {
  const file = newFile()
  const first = await openControllerKey(file)
  expect(first.isNew).toBe(true)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const again = await openControllerKey(file)
  expect(again).toMatchObject({ isNew: false, signer: { publicKey: first.signer.publicKey } })
  expect((await openControllerKey(newFile())).signer.publicKey).not.toBe(first.signer.publicKey)
})

test('one that others may read, or that is none, is refused, and not told', async () => {
  const file = newFile()
  await openControllerKey(file)
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(file, mode)
    await expect(openControllerKey(file)).rejects.toBeInstanceOf(NotPermitted)
  }
  chmodSync(file, 0o600)
  const secret = readFileSync(file, 'utf8').trim()
  writeFileSync(file, `${secret.slice(0, 40)}\n`)
  const error: unknown = await openControllerKey(file).catch((reason: unknown) => reason)
  expect(String(error)).toContain('holds no key of ours')
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret.slice(0, 20))
})
