import { hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { IndexFailed } from './errors.ts'

/** What was written to a file that does not change any more: its length, and a sum (CRC-32) over each block. */
export const Seal = z.object({ size: z.int().nonnegative(), sums: z.array(z.int().nonnegative()) })
export type Seal = z.infer<typeof Seal>

const blockBytes = 64 * 1024

/** The seal of a file as it is now. */
export function sealOf(path: string): Seal {
  const file = openSync(path, 'r')
  try {
    const block = Buffer.allocUnsafe(blockBytes)
    const sums: number[] = []
    for (let size = 0; ;) {
      const got = readBlock(file, block, size)
      if (got > 0) sums.push(crc32(block.subarray(0, got)))
      size += got
      if (got < blockBytes) return { size, sums }
    }
  } finally {
    closeSync(file)
  }
}

/** A file that was sealed, open for reading: nothing is given that is not as it was written ({@link IndexFailed}). */
export interface SealedFile {
  /** Fewer bytes only at the end of the file. */
  read(position: number, length: number): Buffer
  /** All of it, block by block; each stands until the next one. */
  blocks(): Generator<Buffer>
  close(): void
}

export function openSealed(path: string, { size, sums }: Seal): SealedFile {
  const file = openSync(path, 'r')
  let held: { number: number; bytes: Buffer } | undefined
  const blockAt = (number: number, into: Buffer): Buffer => {
    const bytes = into.subarray(0, readBlock(file, into, number * blockBytes))
    if (bytes.length !== Math.min(blockBytes, size - number * blockBytes) || crc32(bytes) !== sums[number]) {
      throw new IndexFailed(`${path} is not as it was written`)
    }
    return bytes
  }
  const keptBlock = (number: number): Buffer => {
    if (held?.number !== number) held = { number, bytes: blockAt(number, Buffer.allocUnsafe(blockBytes)) }
    return held.bytes
  }
  return {
    read(position, length) {
      const end = Math.min(position + length, size)
      const parts: Buffer[] = []
      for (let at = position; at < end;) {
        const number = Math.floor(at / blockBytes)
        const part = keptBlock(number).subarray(at - number * blockBytes, end - number * blockBytes)
        parts.push(part)
        at += part.length
      }
      const [only] = parts
      return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts)
    },
    *blocks() {
      const block = Buffer.allocUnsafe(blockBytes)
      for (let number = 0; number * blockBytes < size; number += 1) yield blockAt(number, block)
    },
    close: () => closeSync(file),
  }
}

/** As many bytes as there are, up to a block. */
function readBlock(file: number, block: Buffer, position: number): number {
  let got = 0
  while (got < blockBytes) {
    const more = readSync(file, block, got, blockBytes - got, position + got)
    if (more === 0) break
    got += more
  }
  return got
}

/** A text with a sum of it behind its last line. */
export const sealedText = (text: string): string => `${text}\n${hash('sha256', text)}\n`

/** The text, where it is as it was sealed. Throws {@link IndexFailed} otherwise. */
export function unsealedText(sealed: string): string {
  const end = sealed.lastIndexOf('\n', sealed.length - 2)
  const text = sealed.slice(0, Math.max(0, end))
  if (end < 0 || sealed !== sealedText(text)) throw new IndexFailed('it is not as it was written')
  return text
}
