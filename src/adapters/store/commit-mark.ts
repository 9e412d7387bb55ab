import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'

/**
 * Beside a database lies the number of commits it has seen. It is written after each commit and never synced, so it can
 * only be behind: a database with fewer commits than that is an older one, put in the place of this.
 */
export interface CommitMark {
  set(commits: number): void
  close(): void
}

const digits = 16

export function openMark(path: string): CommitMark {
  let file: number | undefined
  return {
    set(commits) {
      try {
        file ??= openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600)
        writeSync(file, String(commits).padStart(digits, '0'), 0)
      } catch {
        // A full disk: what was committed counts, the mark stays behind.
      }
    },
    close() {
      if (file !== undefined) closeSync(file)
    },
  }
}

/** 0 where there is none, or none that can be read. */
export function readMark(path: string): number {
  try {
    const text = readFileSync(path, 'utf8')
    return /^\d{16}$/.test(text) ? Number(text) : 0
  } catch {
    return 0
  }
}
