import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { temporaryFolder } from '../builders/temporary-folder.ts'
import { faults } from '../../src/sim/faults/index.ts'

/** What stands on a real pseudo-terminal: script(1) makes one. */
const demo = join(import.meta.dirname, '../../src/demo/main.ts')

const running = new Set<() => void>()
afterEach(() => {
  for (const end of running) end()
  running.clear()
})

/** The first picture that the demo draws on a screen of 80 columns, in the lines that a terminal would show. */
async function firstPicture(options: string, rows: number, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const command = `stty rows ${rows} cols 80; exec ${process.execPath} ${demo} ${options}`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1', LC_ALL: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  running.add(() => child.kill('SIGTERM'))
  let said = ''
  for await (const chunk of child.stdout) {
    said += String(chunk)
    const picture = /\u001b\[H(.*?)\u001b\[J/s.exec(said)?.[1] // oxlint-disable-line no-control-regex
    if (picture !== undefined) {
      child.kill('SIGTERM')
      return picture.replaceAll('\u001b[K', '').split(/\r?\n/)
    }
  }
  throw new Error(`it has drawn nothing, and said: ${said}`)
}

const many = faults.slice(0, 40).map(({ name }) => `--fault ${name}`)

test('a watch never draws more lines than there are; the headline and the criticals stand first', async () => {
  const lines = await firstPicture(many.join(' '), 40)
  expect(lines.length).toBeLessThan(40)
  expect(lines[1]).toMatch(/^CRITICAL · 3 of 3 hosts seen/)
  expect(lines.filter((line) => line.startsWith('CRITICAL')).length).toBeGreaterThan(8)
  expect(lines.join('\n')).toMatch(/^and \d+ more, /m)
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
}, 60_000)

test('a screen without Unicode is told in its own signs', async () => {
  const lines = await firstPicture('', 30, { LC_ALL: 'C' })
  expect(lines[1]).toMatch(/^CRITICAL - 3 of 3 hosts seen/)
  expect(lines.join('')).not.toMatch(/[^ -~]/)
}, 60_000)

test('every command that the demo names works, and is about the fleet of the demo', async () => {
  const child = spawn(process.execPath, [demo], { stdio: ['ignore', 'pipe', 'ignore'] })
  running.add(() => child.kill('SIGTERM'))
  let said = ''
  // Read on to the end: a demo that nobody reads ends.
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  await expect.poll(() => said, { timeout: 60_000 }).toContain('practice run')
  const lines = said.split('\n').map((line) => line.trim())
  const exported = lines.filter((line) => line.startsWith('export ')).flatMap((line) => line.split(' ').slice(1))
  const env = { ...process.env, ...Object.fromEntries(exported.map((pair) => pair.split('=', 2))) }
  const commands = lines.filter((line) => line.startsWith('bin/tiercel '))
  expect(commands).toHaveLength(10)
  const root = join(import.meta.dirname, '../..')
  const wrong = commands.flatMap((command) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', `${command} </dev/null`], {
      cwd: root,
      env: { ...env, TIERCEL_STATE: temporaryFolder() },
      encoding: 'utf8',
    })
    const isWell = stdout.trim() !== '' && !/looked at without an agent|does not answer|should not have/.test(stderr)
    // 2 is bad input, and also what is critical: then the screen says so. Without a terminal, nothing is started.
    const isMeant = status !== 2 || /CRITICAL|^No: /m.test(stdout) || command.includes(' run ')
    return isWell && isMeant ? [] : [`${command}: ${status} ${stdout}${stderr}`]
  })
  expect(wrong).toEqual([])
}, 120_000)
