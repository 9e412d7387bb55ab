import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'

/** A file that grows at its end, written in large pieces. Synchronous: made for a thread of its own. */
export interface Appender {
  /** Where the next byte will stand. */
  readonly position: number
  /** Adds bytes; they are copied. */
  write(bytes: Buffer): void
  /** Writes what is held, and waits until the disk has it. */
  close(): void
}

const heldBytes = 256 * 1024

export function openAppender(path: string): Appender {
  const file = openSync(path, 'w', 0o600)
  const held = Buffer.allocUnsafe(heldBytes)
  let used = 0
  let written = 0
  const flush = () => {
    writeAll(file, held.subarray(0, used))
    written += used
    used = 0
  }
  return {
    get position() {
      return written + used
    },
    write(bytes) {
      if (used + bytes.length > heldBytes) flush()
      if (bytes.length > heldBytes) {
        writeAll(file, bytes)
        written += bytes.length
        return
      }
      bytes.copy(held, used)
      used += bytes.length
    },
    close() {
      flush()
      fsyncSync(file)
      closeSync(file)
    },
  }
}

/** A write may take less than it was given: a disk that is full says so only at the next one. */
function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
}
