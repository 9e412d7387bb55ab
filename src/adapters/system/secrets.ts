import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { SecretRef } from '../../domain/fleet.ts'
import { NotPermitted } from '../../domain/errors.ts'

/** A secret cannot be read where its reference says. The message names the place, never the content. */
export class SecretUnreadable extends NotPermitted {}

/** More than any password, token or key that is sent in a header. */
const longestSecretBytes = 16 * 1024

/** Where a secret is kept, in words for a message. */
export function describeSecret(ref: SecretRef): string {
  return 'file' in ref ? `the file ${ref.file}` : `the environment variable ${ref.env}`
}

/**
 * Reads a secret, on this machine, now: a changed file counts from the next request on. One line end at its end is not
 * part of it. Throws SecretUnreadable: absent, empty, of several lines, or a file that everybody may read.
 */
export async function readSecret(ref: SecretRef): Promise<string> {
  const place = describeSecret(ref)
  const text = 'file' in ref ? await readFile(ref.file, place) : process.env[ref.env]
  if (text === undefined) throw new SecretUnreadable(`${place} is not set`, `Set ${place} to the secret.`)
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw new SecretUnreadable(`${place} is empty`, `Put the secret into ${place}.`)
  // A control character would end the header it goes into, or show that the file is something else.
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(secret)) {
    throw new SecretUnreadable(
      `${place} holds more than one line, or control characters`,
      `Let ${place} hold the secret alone, on one line.`,
    )
  }
  return secret
}

async function readFile(path: string, place: string): Promise<string> {
  let file: FileHandle
  try {
    // Non-blocking: opening a pipe without a writer would never come back.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw new SecretUnreadable(
      `cannot read ${place}`,
      'Put the secret there, readable for this process and not for everybody; the token of an agent is made by `tiercel agent install`.',
      { cause },
    )
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile())
      throw new SecretUnreadable(`${place} is not a regular file`, `Name a file that holds the secret.`)
    if ((stat.mode & 0o007) !== 0) {
      const mode = (stat.mode & 0o777).toString(8)
      throw new SecretUnreadable(
        `${place} holds a secret and is open to everybody on this machine (mode ${mode})`,
        `Run chmod o= ${path}`,
      )
    }
    if (stat.size > longestSecretBytes) {
      throw new SecretUnreadable(
        `${place} is ${stat.size} bytes long, too long for a secret`,
        `Name the file that holds the secret alone.`,
      )
    }
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}
