import { expect, test } from 'vitest'
import { refusePlace } from './place-of-index.ts'

const mounts = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:30 / /hot rw shared:2 - zfs hot-tier/ipfs-cluster rw
41 22 0:31 / /var/my\\040pins rw shared:3 - zfs cold\\040tier/pins rw
42 22 0:32 / /var/lib rw shared:4 - zfs rpool/var/lib rw
`
const stores = [{ pool: 'hot-tier' }, { pool: 'cold tier' }, {}]

test.each([['/hot'], ['/hot/pins'], ['/var/my pins/x']])('%s is refused: it lies on the pool of a store', (folder) => {
  expect(() => refusePlace(folder, stores, 'pinIndex', mounts)).toThrow('which holds a store')
})

test.each([['/var/lib/tiercel/pins'], ['/hotter'], ['/srv/pins']])('%s is not', (folder) => {
  expect(() => refusePlace(folder, stores, 'pinIndex', mounts)).not.toThrow()
})
