import { userInfo } from 'node:os'

/** Who asks, for records of who did what: the user of this process, and who is behind `sudo`. */
export function systemUser(env: NodeJS.ProcessEnv = process.env): string {
  const behind = env['SUDO_USER'] ?? ''
  const uid = process.getuid?.()
  if (uid === 0 && behind !== '' && behind !== 'root') return `${behind} (as root)`
  try {
    return userInfo().username
  } catch {
    // A user without an entry in passwd.
    return `uid ${uid}`
  }
}
