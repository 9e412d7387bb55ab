import { closeSync, constants, openSync, readSync } from 'node:fs'

/** More records than any kernel's ring has; what runs as root reads no further. */
const mostRecords = 500_000

/**
 * All records of the kernel's ring, as /dev/kmsg gives them: one with each read, EAGAIN at the end, EPIPE where one was
 * overwritten under us (the numbers tell). Never blocks. Throws the system's EPERM or EACCES without the right to it.
 */
export function readKernelRing(path = '/dev/kmsg'): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const buffer = Buffer.alloc(16 * 1024)
  const records: string[] = []
  try {
    while (records.length < mostRecords) {
      const length = readRecord(file, buffer)
      if (length === undefined) continue
      if (length === 0) break
      records.push(buffer.toString('utf8', 0, length))
    }
  } finally {
    closeSync(file)
  }
  return records.join('')
}

/** Undefined: one was lost, the next can be read. */
function readRecord(file: number, buffer: Buffer): number | undefined {
  try {
    return readSync(file, buffer)
  } catch (error) {
    const { code } = error instanceof Error && 'code' in error ? error : { code: undefined }
    if (code === 'EAGAIN') return 0
    if (code === 'EPIPE') return undefined
    throw error
  }
}
