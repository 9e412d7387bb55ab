import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** What is read of /proc. Synchronous: /proc never blocks, and an asynchronous read could queue behind one that does. */
export interface Proc {
  /** The content of a file; undefined where it is gone, or not for us to read. */
  text(path: string): string | undefined
  link(path: string): string | undefined
  entries(path: string): string[] | undefined
}

export const systemProc: Proc = {
  text: (path) => attempt(() => readFileSync(`/proc/${path}`, 'utf8')),
  link: (path) => attempt(() => readlinkSync(`/proc/${path}`)),
  entries: (path) => attempt(() => readdirSync(`/proc/${path}`)),
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
