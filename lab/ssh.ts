import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { must, run, type Finished, type RunOptions } from './processes.ts'
import type { LabGuest, LabState } from './state.ts'

/** Key pairs of a lab: made once, kept in its state folder. */
export interface LabKeys {
  readonly folder: string
  /** A root shell in each guest. */
  readonly root: string
  /** May only run `tiercel agent stdio`. */
  readonly agent: string
}

/** Makes the keys of this lab where they are missing. */
export async function makeKeys(stateFolder: string): Promise<LabKeys> {
  const folder = join(stateFolder, 'ssh')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const root = await makeKey(join(folder, 'id_root'), 'tiercel-lab root')
  const agent = await makeKey(join(folder, 'id_agent'), 'tiercel-lab agent')
  return { folder, root, agent }
}

/** Makes one key pair where it is missing, and gives the path of the private half. */
export async function makeKey(path: string, comment: string): Promise<string> {
  if (!existsSync(path)) await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path])
  return path
}

/** The public half of a key, without its comment. */
export function publicKey(path: string): string {
  return readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
}

export function hostKeyPath(stateFolder: string, guest: string): string {
  return join(stateFolder, 'ssh', `host_${guest}`)
}

/** Writes the client's configuration and the host keys it accepts, for these guests. */
export function writeSshFiles(state: LabState, keys: LabKeys): void {
  writeFileSync(state.sshConfig, sshConfig(state.guests, { knownHosts: state.knownHosts, keys }), { mode: 0o600 })
  const lines = state.guests.map((guest) =>
    knownHostsLine(guest.name, publicKey(join(keys.folder, `host_${guest.name}`))),
  )
  writeFileSync(state.knownHosts, lines.join(''), { mode: 0o600 })
}

/** One line of known_hosts: guests go by name, since all have the address of the loopback. */
export function knownHostsLine(guest: string, key: string): string {
  return `${guest} ${key.trim()}\n`
}

/** Configuration for `ssh -F`: two names for each guest, one for each key. */
export function sshConfig(
  guests: readonly LabGuest[],
  { knownHosts, keys }: { knownHosts: string; keys: Omit<LabKeys, 'folder'> },
): string {
  const host = (alias: string, guest: LabGuest, key: string): string =>
    [
      `Host ${alias}`,
      '  HostName 127.0.0.1',
      `  Port ${guest.sshPort}`,
      '  User root',
      `  HostKeyAlias ${guest.name}`,
      `  IdentityFile "${key}"`,
      '  IdentitiesOnly yes',
      '  IdentityAgent none',
      `  UserKnownHostsFile "${knownHosts}"`,
      '  GlobalKnownHostsFile /dev/null',
      '  StrictHostKeyChecking yes',
      '  UpdateHostKeys no',
      '  BatchMode yes',
      '  ConnectTimeout 45',
      '  ServerAliveInterval 15',
      '',
    ].join('\n')
  return guests.map((guest) => host(guest.alias, guest, keys.root) + host(guest.agentAlias, guest, keys.agent)).join('')
}

/** Runs a shell script in a guest as root, whatever its exit status. */
export function inGuest(state: LabState, guest: LabGuest, script: string, options: RunOptions = {}): Promise<Finished> {
  return run('ssh', ['-F', state.sshConfig, guest.alias, 'bash', '-s'], {
    timeoutMs: 120_000,
    ...options,
    input: script,
  })
}

/** Runs a shell script in a guest as root; it must succeed. Gives its standard output. */
export function mustInGuest(
  state: LabState,
  guest: LabGuest,
  script: string,
  options: RunOptions = {},
): Promise<string> {
  return must('ssh', ['-F', state.sshConfig, guest.alias, 'bash', '-s'], {
    timeoutMs: 120_000,
    ...options,
    input: `set -eu\n${script}`,
  })
}
