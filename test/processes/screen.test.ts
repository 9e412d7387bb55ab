import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
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
