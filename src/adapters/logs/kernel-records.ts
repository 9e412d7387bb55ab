import { UnexpectedOutput } from '../../domain/errors.ts'
import { levelOfPriority } from '../../domain/logs/level.ts'
import type { LogLevel } from '../../domain/logs/log.ts'
import { Instant } from '../../domain/units.ts'

/** One message of the kernel's own ring. */
export interface KernelRecord {
  /** Counts from 0 since the start, without gaps. */
  sequence: number
  at: Instant
  level: LogLevel
  text: string
}

/**
 * Records of /dev/kmsg, as they are read one after the other: `6,339,5140900,-;text`, then lines that begin with a blank
 * (Documentation/ABI/testing/dev-kmsg). The third number is microseconds since `startedAt`; bytes are written as `\x1b`.
 */
export function parseKernelRecords(output: string, startedAt: Instant): KernelRecord[] {
  return output
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(' '))
    .map((line): KernelRecord => {
      const {
        priority,
        sequence,
        microseconds,
        text = '',
      } = /^(?<priority>\d{1,5}),(?<sequence>\d{1,15}),(?<microseconds>\d{1,15}),[^;]*;(?<text>.*)$/.exec(line)
        ?.groups ?? {}
      if (priority === undefined) throw new UnexpectedOutput('a record of /dev/kmsg is not understood', line)
      return {
        sequence: Number(sequence),
        at: Instant.parse(Math.floor(startedAt + Number(microseconds) / 1000)),
        // The facility stands above the priority: 46 is syslog's info.
        level: levelOfPriority(Number(priority) & 7),
        text: unescaped(text),
      }
    })
}

const unescaped = (text: string): string =>
  text.includes('\\x')
    ? Buffer.from(
        text
          .replace(/[\u0100-\uffff]/g, '?')
          .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      ).toString('utf8')
    : text
