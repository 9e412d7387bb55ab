/** A scrub of its own, to its end: one that runs already may be past the place. */
export function scrub(pool: string): string {
  return `zpool wait -t scrub,resilver ${pool}
zpool scrub ${pool}
zpool wait -t scrub ${pool}`
}

/** Waits until a pool is whole again, and forgets its errors. */
export function untilHealthy(pool: string): string {
  return `for try in $(seq 300); do
  zpool status ${pool} | grep -q 'state: ONLINE' && ! zpool status ${pool} | grep -qE 'in progress|OFFLINE|REMOVED|UNAVAIL|FAULTED|DEGRADED' && break
  sleep 0.2
done
zpool wait -t resilver ${pool}
zpool clear ${pool}
test "$(zpool list -H -o health ${pool})" = ONLINE`
}
