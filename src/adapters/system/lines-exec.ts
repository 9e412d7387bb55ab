import { ProgramMissing } from '../../domain/errors.ts'
import { CommandFailed, programEnvironment } from './exec.ts'
import { openPipe } from './pipe-exec.ts'

/** One line that a program has printed. */
export interface ProgramLine {
  text: string
  /** It was longer than we hold: `text` is its beginning. */
  isCut: boolean
}

/** How much of a line that is too long is given. */
const keptOfLongLine = 4096

/**
 * The lines of a program, as it prints them and no faster than they are asked for: it waits for a slow reader, with its
 * pipe full. It is ended with whoever reads, and by the signal, which ends the list without an error. Throws
 * ProgramMissing, and CommandFailed when it ends otherwise than with 0. `complaint` gets what it said on stderr.
 */
export async function* programLines(
  file: string,
  args: readonly string[],
  { signal, lineBytes, complaint }: { signal: AbortSignal; lineBytes: number; complaint?: (text: string) => void },
): AsyncGenerator<ProgramLine, void, undefined> {
  if (signal.aborted) return
  const pipe = openPipe(file, args, programEnvironment)
  const onAbort = () => pipe.close()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    try {
      yield* cutLines(pipe.stream, lineBytes)
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    const exitCode = await pipe.ended
    if (signal.aborted) return
    const stderr = pipe.complaint()
    complaint?.(stderr)
    if (exitCode === null && /\bENOENT\b/.test(stderr)) {
      throw new ProgramMissing(`the program ${file} is not installed here`, `install ${file}`)
    }
    if (exitCode !== 0) {
      const why = exitCode === null ? 'was ended' : `exited ${exitCode}`
      throw new CommandFailed({ file, args, exitCode, stdout: '', stderr }, why)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    pipe.close()
  }
}

const newline = 0x0a

/** Cuts bytes into lines; of a line that is longer than `lineBytes`, only the beginning is kept. */
export async function* cutLines(
  chunks: AsyncIterable<Buffer>,
  lineBytes: number,
): AsyncGenerator<ProgramLine, void, undefined> {
  let pending: Buffer[] = []
  let size = 0
  const add = (part: Buffer): void => {
    // What does not fit is counted and dropped.
    if (size <= lineBytes) pending.push(part)
    size += part.length
  }
  const finish = (): ProgramLine => {
    const isCut = size > lineBytes
    const whole = Buffer.concat(pending)
    pending = []
    size = 0
    return { text: (isCut ? whole.subarray(0, keptOfLongLine) : whole).toString('utf8'), isCut }
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      add(chunk.subarray(start, end))
      yield finish()
      start = end + 1
    }
    if (start < chunk.length) add(Buffer.from(chunk.subarray(start)))
  }
  if (size > 0) yield finish()
}
