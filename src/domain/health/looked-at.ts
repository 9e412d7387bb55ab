import { disksIn } from './disks-of-pool.ts'
import { type Finding, isBad } from './finding.ts'
import { poolsIn } from './pools-of-host.ts'
import { type ReadingsOfPlace, readingsIn } from './readings-of-host.ts'
import { storesOf } from './stores-of-host.ts'
import { answered, type FleetView } from './view.ts'

/** What was looked at on one host that has answered, and is well: nothing above an info is found of it. */
export interface WellOnHost {
  host: string
  pools: string[]
  disks: string[]
  stores: string[]
  /** What its agent looks at, by name, where the last look was good. */
  looks: string[]
}

/** What is well, by host, in the order of the fleet file. */
export function wellIn(view: FleetView, findings: readonly Finding[]): WellOnHost[] {
  const bad = findings.filter(isBad)
  const isWell = (subject: string): boolean =>
    !bad.some((finding) => finding.subject === subject || finding.subject.startsWith(`${subject}/`))
  const pools = Map.groupBy(poolsIn(view), ({ host }) => host.name)
  const disks = Map.groupBy(disksIn(view), ({ pool }) => pool.host.name)
  const readings = Map.groupBy(readingsIn(view), ({ host }) => host.name)
  return answered(view).map((host) => {
    const { name } = host
    return {
      host: name,
      pools: (pools.get(name) ?? []).filter(({ subject }) => isWell(subject)).map((pool) => pool.name),
      disks: (disks.get(name) ?? []).filter(({ subject }) => isWell(subject)).map((disk) => disk.called),
      stores: storesOf(host).flatMap((store) => (isWell(`${name}/${store.name}`) ? [store.name] : [])),
      looks: looksOf(readings.get(name) ?? []),
    }
  })
}

/** `OpenZFS version`, `Kubo of hot, warm`: what was seen at the last look. */
function looksOf(places: readonly ReadingsOfPlace[]): string[] {
  const good = places.flatMap(({ readings }) =>
    readings.filter(({ reading }) => reading.trouble === null && reading.last !== null),
  )
  return [...Map.groupBy(good, ({ what }) => what)].map(([what, all]) => {
    const stores = all.flatMap(({ store }) => store ?? [])
    return stores.length === 0 ? what : `${what} of ${stores.join(', ')}`
  })
}
