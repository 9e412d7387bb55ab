import { open } from 'node:fs/promises'

/** How long a marker is that {@link damage} looks for. */
export const markerBytes = 64

/**
 * Changes the beginning of each record that holds this text, in a raw disk of a guest that runs. QEMU reads and writes these
 * files through the page cache of this machine, so the guest sees the change at once. At most so many are; gives how many were changed.
 */
export async function damage(path: string, marker: Buffer, most = Number.POSITIVE_INFINITY): Promise<number> {
  await using file = await open(path, 'r+')
  const { size } = await file.stat()
  const chunk = Buffer.alloc(1024 * 1024)
  const other = Buffer.alloc(markerBytes, 0xa5)
  let count = 0
  for (let at = 0; at < size; at += chunk.length) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    // Records and partitions begin on multiples of 4 KiB on these disks (ashift=12).
    for (let offset = 0; offset < bytesRead; offset += 4096) {
      if (count >= most || !chunk.subarray(offset, offset + marker.length).equals(marker)) continue
      await file.write(other, 0, other.length, at + offset)
      count += 1
    }
  }
  return count
}
