import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'

/**
 * Where the operator's own state of one fleet lies: TIERCEL_STATE, else XDG_STATE_HOME/tiercel, else
 * ~/.local/state/tiercel; in it a folder for each fleet file, or for this machine where there is none.
 */
export function stateFolder(fleetFile: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  return join(stateRoot(env), fleetFile === undefined ? 'this-machine' : folderName(fleetFile))
}

function stateRoot(env: NodeJS.ProcessEnv): string {
  const named = env['TIERCEL_STATE'] ?? ''
  if (named !== '') return resolve(named)
  const xdg = env['XDG_STATE_HOME'] ?? ''
  // XDG Base Directory Specification: a path that is not absolute is to be ignored.
  return join(xdg.startsWith('/') ? xdg : join(homedir(), '.local/state'), 'tiercel')
}

/** A name that a person recognises, and that two fleet files never share. */
function folderName(fleetFile: string): string {
  const path = realpathSync(fleetFile)
  const name = basename(path).replace(/\.ya?ml$/, '')
  return `${name.replaceAll(/[^\w.-]/g, '_').slice(0, 40)}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`
}
