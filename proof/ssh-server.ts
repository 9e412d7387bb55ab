import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { stringify } from 'yaml'
import { find, require } from '../lab/requirements.ts'
import { must, waitFor } from '../lab/processes.ts'
import { tiercel } from '../bench/agent.ts'

/** A real OpenSSH daemon on loopback, through which each of some hosts is reached as if it were a machine of its own. */
export interface SshServer {
  /** The ssh_config that knows them by name; host keys are strict. */
  readonly config: string
  stop(): void
}

/**
 * Starts the sshd of this machine with a configuration and keys of its own, as an ordinary user would run it. Every host has
 * a key that may do one thing: `tiercel agent stdio`, with the agent.yaml of that host, whose agent listens on `NAME.sock`.
 */
export async function startSshServer(
  folder: string,
  hosts: readonly string[],
  { token, say }: { token: string; say: (line: string) => void },
): Promise<SshServer> {
  await require('servingSsh', say)
  const at = (name: string): string => join(folder, name)
  mkdirSync(at('ssh'), { mode: 0o700 })
  // As root, sshd wants this folder, which its service would make.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const port = await freePort()
  const key = async (name: string): Promise<string> => {
    await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(`ssh/${name}`)])
    return readFileSync(at(`ssh/${name}.pub`), 'utf8').trim()
  }
  const hostKey = await key('host')
  const keys: string[] = []
  for (const name of hosts) {
    writeFileSync(
      at(`${name}.agent.yaml`),
      stringify({ apiVersion: 1, host: name, socket: at(`${name}.sock`), token: { file: at('token') } }),
    )
    const [program] = tiercel()
    keys.push(`restrict,command="${program} agent stdio --config ${at(`${name}.agent.yaml`)}" ${await key(name)}`)
  }
  writeFileSync(at('token'), token, { mode: 0o600 })
  writeFileSync(at('ssh/authorized_keys'), keys.map((line) => `${line}\n`).join(''), { mode: 0o600 })
  writeFileSync(
    at('ssh/sshd_config'),
    [
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      `HostKey ${at('ssh/host')}`,
      `AuthorizedKeysFile ${at('ssh/authorized_keys')}`,
      'PidFile none',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      // The keys lie under the folder for temporary files, which everybody may write to.
      'StrictModes no',
      // All log in at once.
      `MaxStartups ${hosts.length * 2}`,
      '',
    ].join('\n'),
  )
  writeFileSync(
    at('ssh/known_hosts'),
    hosts.map((name) => `${name} ${hostKey.split(' ').slice(0, 2).join(' ')}\n`).join(''),
  )
  const config = at('ssh/config')
  writeFileSync(
    config,
    hosts
      .map(
        (name) =>
          `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n  User ${userInfo().username}\n  HostKeyAlias ${name}\n` +
          `  IdentityFile ${at(`ssh/${name}`)}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${at('ssh/known_hosts')}\n`,
      )
      .join(''),
  )
  const daemon = await listening(find('sshd') ?? 'sshd', ['-D', '-e', '-f', at('ssh/sshd_config')])
  return { config, stop: () => void daemon.kill('SIGTERM') }
}

/** A daemon that has said that it listens. */
async function listening(program: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < 10_000) said += chunk.toString()
  })
  await waitFor(() => child.exitCode !== null || said.includes('Server listening'), 10_000)
  if (child.exitCode === null && said.includes('Server listening')) return child
  child.kill()
  throw new Error(`sshd does not listen: ${said}`)
}

/** A port of loopback that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('a TCP port was asked for')
  return address.port
}
