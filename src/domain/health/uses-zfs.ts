import { storesOf } from './stores-of-host.ts'
import type { AnsweredHost } from './view.ts'

/** Whether a host has pools, by what its kernel says or what is declared: without any, its ZFS endangers nothing. */
export function usesZfs(host: AnsweredHost): boolean {
  const { zfs } = host.observation
  if (zfs === null) return false
  return (
    Object.keys(zfs.poolStates.last?.value ?? {}).length > 0 || storesOf(host).some(({ pools }) => pools.length > 0)
  )
}
