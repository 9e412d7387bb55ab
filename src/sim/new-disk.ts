import type { SimDisk } from './sim-pool.ts'

/** A disk that is well: `sda`, with one partition. */
export const newDisk = (name: string, guid: string, size: number): SimDisk => ({
  name,
  path: `/dev/${name}1`,
  guid,
  size,
  state: 'ONLINE',
  readErrors: 0,
  writeErrors: 0,
  checksumErrors: 0,
  note: '',
})
