import { Duplex, type Readable, type Writable } from 'node:stream'

/** One stream of two; each side's back pressure is kept. */
export function joinStreams(readable: Readable, writable: Writable): Duplex {
  const joined = new Duplex({
    allowHalfOpen: false,
    read: () => readable.resume(),
    write: (chunk: Buffer, encoding, done) => {
      writable.write(chunk, encoding, done)
    },
    final: (done) => {
      writable.end(done)
    },
  })
  readable.on('data', (chunk: Buffer) => {
    if (!joined.push(chunk)) readable.pause()
  })
  readable.on('end', () => joined.push(null))
  return joined
}
