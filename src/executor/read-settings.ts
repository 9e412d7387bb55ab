import { closeSync, fstatSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { isFromUrl, readServiceJson } from '../adapters/daemons/service-settings.ts'
import { NotOpened, openWithoutLinks } from '../adapters/system/open-without-links.ts'
import { OpsError } from '../domain/errors.ts'

/** Why the settings could not be read. The words are ours alone: those of a parser quote what it has read. */
export class SettingsUnreadable extends OpsError {
  readonly remedy = 'ask'
}

/** An account that owns nothing and runs nothing: Debian reserves the number, and gives it to nobody. */
const nobodys = 65_533

/** service.json of 1.1.6 has some 6 kB. */
const maxBytes = 1024 * 1024

/**
 * `tiercel executor read-settings FOLDER`: reads service.json of a Cluster peer and prints the few settings that are no
 * secret. As root it gives up all rights between reading and understanding: what runs as root parses nothing.
 *
 * A process of its own, since the folder lies on a managed pool: a read there can hang in the kernel for ever.
 */
export function readSettings(folder: string, giveUpRights: () => void = becomeNobody): string {
  const text = readBounded(join(folder, 'service.json'))
  giveUpRights()
  const settings = readServiceJson(text)
  if (isFromUrl(text)) {
    throw new SettingsUnreadable(
      `service.json in ${folder} names a URL (source) from which the peer reads its settings at each start: they cannot be judged from the file`,
    )
  }
  if (settings === undefined) {
    throw new SettingsUnreadable(`service.json in ${folder} is not understood; it is not shown, since it holds secrets`)
  }
  return JSON.stringify(settings)
}

function readBounded(path: string): string {
  let file: number
  try {
    // A link, also in the place of a folder, would let its owner have any file of root read.
    file = openWithoutLinks(path)
  } catch (error) {
    if (!(error instanceof NotOpened)) throw error
    throw new SettingsUnreadable(
      error.code === 'ELOOP'
        ? `${error.message}: give the folder where it is, as clusterFolder in agent.yaml`
        : error.message,
    )
  }
  try {
    const { size } = fstatSync(file)
    if (!fstatSync(file).isFile() || size > maxBytes) throw new SettingsUnreadable(`${path} is no service.json`)
    const buffer = Buffer.alloc(size)
    const read = readSync(file, buffer, 0, size, 0)
    return buffer.toString('utf8', 0, read)
  } finally {
    closeSync(file)
  }
}

function becomeNobody(): void {
  if (process.getuid?.() !== 0) return
  try {
    process.setgroups?.([])
    process.setgid?.(nobodys)
    process.setuid?.(nobodys)
  } catch {
    // The text is in memory and stays there.
    throw new SettingsUnreadable(
      'rights could not be given up (CAP_SETUID and CAP_SETGID are missing), so nothing was read',
    )
  }
  if (process.getuid?.() !== nobodys || process.getgid?.() !== nobodys) {
    throw new SettingsUnreadable('rights could not be given up, so nothing was read')
  }
}
