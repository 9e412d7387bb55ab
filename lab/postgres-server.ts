import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A real PostgreSQL of its own, on a unix socket alone. */
export interface PostgresServer {
  readonly password: string
  readonly folder: string
  /** Makes an empty database, and gives its address. */
  makeDatabase(): Promise<string>
  removeDatabase(url: string): Promise<void>
  query(url: string, sql: string): Promise<void>
  stop(): Promise<void>
}

/** Where Debian's package puts the programs of a server; undefined where it is not installed. */
export function findPostgres(): string | undefined {
  const versions = readdirSync('/usr/lib', { withFileTypes: true }).some(({ name }) => name === 'postgresql')
    ? readdirSync('/usr/lib/postgresql').toSorted((a, b) => Number(b) - Number(a))
    : []
  return versions
    .map((version) => join('/usr/lib/postgresql', version, 'bin'))
    .find((folder) => {
      const programs = readdirSync(folder)
      return programs.includes('initdb') && programs.includes('postgres')
    })
}

export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-pg-'))
  const password = 'pa/ss wörd%3A'
  const user = serverUser()
  const identity = user === undefined ? {} : { uid: user.uid, gid: user.gid }
  writeFileSync(join(folder, 'password'), `${password}\n`)
  if (user !== undefined) for (const path of [folder, join(folder, 'password')]) chownSync(path, user.uid, user.gid)
  const data = join(folder, 'data')
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC' }
  const options = { ...identity, env, cwd: folder, encoding: 'utf8' } as const
  // Not in the language of bytes, so that the order of texts is really ours.
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'tiercel', '-A', 'scram-sha-256', `--pwfile=${join(folder, 'password')}`, '-E', 'UTF8', '-N'],
    options,
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  const settings = {
    listen_addresses: '',
    unix_socket_directories: folder,
    port: '5433',
    fsync: 'on',
    max_connections: '40',
  }
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...identity, env, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-20_000)
  })
  const ended = new Promise<void>((resolve) => {
    server.once('exit', () => resolve())
  })
  const urlOf = (database: string): string =>
    `postgres://tiercel:${encodeURIComponent(password)}@/${database}?host=${encodeURIComponent(folder)}&port=5433`
  const query = async (url: string, sql: string): Promise<void> => {
    const child = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', sql, '-d', url], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaint = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`psql: ${complaint}`)
  }
  const deadline = performance.now() + 30_000
  while (
    !(await query(urlOf('postgres'), 'select 1').then(
      () => true,
      () => false,
    ))
  ) {
    if (server.exitCode !== null || performance.now() > deadline) throw new Error(`postgres did not start: ${said}`)
    await sleep(50)
  }
  let databases = 0
  return {
    password,
    folder,
    query,
    async makeDatabase() {
      databases += 1
      await query(urlOf('postgres'), `create database store${databases}`)
      return urlOf(`store${databases}`)
    },
    async removeDatabase(url) {
      await query(urlOf('postgres'), `drop database ${/\/(store\d+)\?/.exec(url)?.[1]} with (force)`)
    },
    async stop() {
      server.kill('SIGINT')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const found = spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' })
  const group = spawnSync('id', ['-g', 'postgres'], { encoding: 'utf8' })
  return found.status === 0 ? { uid: Number(found.stdout), gid: Number(group.stdout) } : { uid: 65_534, gid: 65_534 }
}
