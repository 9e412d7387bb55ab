import { readFileSync } from 'node:fs'
import { UnexpectedOutput } from '../../domain/errors.ts'

/** A TCP socket that waits for connections. */
export interface Listener {
  /** `127.0.0.1`, `::`, `fe80:0:0:0:0:0:0:1`: not shortened, but for the addresses that mean all or oneself. */
  address: string
  port: number
  isLoopback: boolean
  /** Bound to every address of the host. */
  isAny: boolean
}

/** The listening TCP sockets of this host (proc_net(5)); /proc never blocks. */
export function readListeners(read: (path: string) => string = (path) => readFileSync(path, 'utf8')): Listener[] {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => {
    try {
      return read(path)
    } catch (error) {
      // A kernel without IPv6 has no such table.
      if (path.endsWith('6')) return ''
      throw error
    }
  })
  return tables.flatMap((table) => table.split('\n').slice(1).flatMap(listener))
}

const listening = '0A'

function listener(line: string): Listener[] {
  if (line.trim() === '') return []
  const [, local = '', , state] = line.trim().split(/\s+/)
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local)
  if (match === null) throw new UnexpectedOutput('a line of /proc/net/tcp is not understood', line)
  const [, hex = '', port = ''] = match
  if (state !== listening) return []
  const address = hex.length === 8 ? v4(hex) : v6(hex)
  return [
    {
      address,
      port: Number.parseInt(port, 16),
      isLoopback: address.startsWith('127.') || address === '::1',
      isAny: address === '0.0.0.0' || address === '::',
    },
  ]
}

/** Four bytes in the order of the machine, least first. */
const v4 = (hex: string): string =>
  (hex.match(/../g) ?? [])
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.')

/** Four such words; the addresses of IPv4 within are told as IPv4. */
function v6(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed())
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(`${bytes[2 * index]}${bytes[2 * index + 1]}`, 16).toString(16),
  )
  const text = groups.join(':')
  if (text === '0:0:0:0:0:0:0:0') return '::'
  if (text === '0:0:0:0:0:0:0:1') return '::1'
  return text.startsWith('0:0:0:0:0:ffff:') ? v4(hex.slice(24)) : text
}
