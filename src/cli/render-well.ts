import type { WellOnHost } from '../domain/health/looked-at.ts'
import { printable, styled, type Terminal, textWidth, wrap } from './terminal.ts'

/** What was looked at and is well, by host. */
export function renderWell(hosts: readonly WellOnHost[], terminal: Pick<Terminal, 'colours' | 'columns'>): string[] {
  if (hosts.length === 0) return []
  const width = textWidth(terminal, 4)
  const line = (name: string, all: readonly string[], separator = ', '): string[] =>
    all.length === 0 ? [] : wrap(`${name}: ${all.map(printable).join(separator)}`, width).map((text) => `    ${text}`)
  return [
    '',
    styled(terminal, 'bold', 'looked at, and well'),
    ...hosts.flatMap(({ host, pools, stores, disks, looks }) => [
      `  ${styled(terminal, 'bold', printable(host))}`,
      ...line('pools', pools),
      ...line('stores', stores),
      ...line('disks', disks),
      ...line('looks', looks, '; '),
    ]),
  ]
}
