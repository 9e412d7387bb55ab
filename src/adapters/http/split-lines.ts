import { UnexpectedOutput } from '../../domain/errors.ts'

export interface LineSplitter {
  /**
   * The lines that this chunk completes, without their ends; blank ones are left out.
   * Throws UnexpectedOutput on a line that is too long or is not UTF-8.
   */
  push(chunk: Uint8Array): string[]
  /** What stands after the last line end: empty, unless the stream was cut. */
  rest(): string
}

const newline = 0x0a

/** How much of a refused line is kept. */
const keptBytes = 64 * 1024

/**
 * Cuts a stream of bytes into lines. Works on bytes, so that a character cut in two by a chunk's end is whole again,
 * and holds no more than one unfinished line, of at most `lineBytes`.
 */
export function lineSplitter({ lineBytes }: { lineBytes: number }): LineSplitter {
  // Fatal: text that is not UTF-8 is not silently repaired. The BOM is kept, for the JSON parser to refuse.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let pending: Uint8Array[] = []
  let pendingBytes = 0

  const decode = (line: Uint8Array): string => {
    try {
      return decoder.decode(line)
    } catch (cause) {
      throw new UnexpectedOutput('a line is not UTF-8', lossy(line), { cause })
    }
  }
  const grow = (part: Uint8Array) => {
    pending.push(part)
    pendingBytes += part.length
    if (pendingBytes > lineBytes) {
      throw new UnexpectedOutput(`a line is longer than ${lineBytes} bytes`, lossy(Buffer.concat(pending)))
    }
  }

  return {
    push(chunk) {
      const lines: string[] = []
      let start = 0
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        grow(chunk.subarray(start, end))
        const line = decode(pending.length === 1 ? chunk.subarray(start, end) : Buffer.concat(pending))
        if (line.trim() !== '') lines.push(line)
        pending = []
        pendingBytes = 0
        start = end + 1
      }
      // A copy: a view would keep the whole chunk alive.
      if (start < chunk.length) grow(new Uint8Array(chunk.subarray(start)))
      return lines
    },
    rest: () => lossy(Buffer.concat(pending)).trim(),
  }
}

const lossy = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, keptBytes)).toString('utf8')
