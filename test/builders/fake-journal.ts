import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A program that stands in for journalctl, and the journal that it shows. */
export interface FakeJournal {
  /** What to start instead of `journalctl`. */
  program: string
  /** Adds entries; each is numbered on from the last. */
  say(...entries: { at: number; text: string; unit: string; priority?: number }[]): void
  /** Throws away all but the newest. */
  keepOnly(count: number): void
  /** What it says on stderr when it is asked in plain text. */
  complain(text: string): void
  /** How many entries its last run has got rid of. */
  written(): number
  /** The pid of its last run. */
  pid(): number
  calls(): string[][]
  remove(): void
}

export function fakeJournal(): FakeJournal {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-journal-'))
  const file = join(folder, 'journal')
  const program = join(folder, 'journalctl')
  const script = join(import.meta.dirname, '../fixtures/programs/journalctl.mjs')
  writeFileSync(file, '')
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${script}' '${file}' "$@"\n`)
  chmodSync(program, 0o755)
  let last = 0
  const read = (name: string) => (existsSync(`${file}.${name}`) ? readFileSync(`${file}.${name}`, 'utf8') : '')
  return {
    program,
    say(...entries) {
      const lines = entries.map(({ at, text, unit, priority = 6 }) => {
        last += 1
        const id = '0'.repeat(32)
        const hex = (at * 1000).toString(16)
        return `${JSON.stringify({
          __CURSOR: `s=${id};i=${last.toString(16)};b=${id};m=1;t=${hex};x=1`,
          __REALTIME_TIMESTAMP: String(at * 1000),
          MESSAGE: text,
          PRIORITY: String(priority),
          _SYSTEMD_UNIT: unit,
        })}\n`
      })
      appendFileSync(file, lines.join(''))
    },
    keepOnly(count) {
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
      writeFileSync(file, `${lines.slice(-count).join('\n')}\n`)
    },
    complain: (text) => writeFileSync(`${file}.complaint`, text),
    written: () => Number(read('written')),
    pid: () => Number(read('pid')),
    calls: () =>
      read('calls')
        .split('\n')
        .filter((line) => line !== '')
        .map((line): string[] => JSON.parse(line)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
