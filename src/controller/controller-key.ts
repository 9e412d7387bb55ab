import { existsSync, statSync } from 'node:fs'
import { newPrivateKey, signerOf } from '../adapters/system/ed25519.ts'
import { readSecret } from '../adapters/system/secrets.ts'
import { NotPermitted } from '../domain/errors.ts'
import type { Signer } from '../domain/signed.ts'
import { writeSecret } from './tokens.ts'

/** The key of the controller by its file; made where there is none. */
export async function openControllerKey(file: string): Promise<{ signer: Signer; isNew: boolean }> {
  const isNew = !existsSync(file)
  if (isNew) writeSecret(file, newPrivateKey())
  return { signer: await readControllerKey(file), isNew }
}

/** Whoever reads this file can change every host that obeys the controller. */
export async function readControllerKey(file: string): Promise<Signer> {
  const text = await readSecret({ file })
  const mode = statSync(file).mode & 0o777
  if ((mode & 0o077) !== 0) {
    throw new NotPermitted(
      `the key of the controller in ${file} is open to others (mode ${mode.toString(8)}): they may have it by now`,
      `Run chmod 600 ${file}; or remove it and take over with a new one: tiercel controller take-over.`,
    )
  }
  try {
    return signerOf(text)
  } catch (cause) {
    throw new NotPermitted(
      `${file} holds no key of ours`,
      'Put it back from where it is kept; or remove it, start the controller, and take over with a new one: tiercel controller take-over.',
      { cause },
    )
  }
}
