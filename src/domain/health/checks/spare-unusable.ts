import type { Check } from '../check.ts'
import { diskUnder } from '../../disk.ts'
import { isStale } from '../staleness.ts'
import { type DiskOfPool, disksIn } from '../disks-of-pool.ts'

export const spareUnusable: Check = {
  code: 'SPARE_UNUSABLE',
  title: 'A spare could not stand in',
  severities: ['warning'],
  explanation: {
    meaning:
      'A hot spare is neither available nor in use: it cannot be opened, has failed, was pulled or taken offline; or it is called available, and the kernel has no such disk: ZFS opens an idle spare only when it needs it.',
    endangers: 'No data now: but when a disk fails, this spare cannot stand in for it.',
    remedy: 'Look at its cable and SMART values; remove it from the pool and add another.',
    sources: ['zpoolconcepts(7), Hot Spares: states AVAIL and INUSE'],
  },
  find: (view) =>
    disksIn(view).flatMap(({ leaf, class: name, pool, called, place, subject, evidence }) => {
      // ONLINE is not a state of a spare, but says that the disk answers.
      const isGone = name === 'spare' && leaf.state === 'AVAIL' && isMissing(leaf, pool)
      if (name !== 'spare' || (['AVAIL', 'INUSE', 'ONLINE'].includes(leaf.state) && !isGone)) return []
      return [
        {
          code: 'SPARE_UNUSABLE',
          severity: 'warning' as const,
          subject,
          place,
          summary: `Spare ${called} of pool ${pool.name} on ${pool.host.name} cannot be used: ${isGone ? 'its disk is not there, though ZFS has not noticed yet' : [leaf.state, leaf.note].filter(Boolean).join(', ')}.`,
          evidence: evidence(),
          endangers: `No data now: but when a disk of ${pool.name} fails, this spare cannot stand in for it.`,
          remedy: `Check its cable and SMART values. If the disk is lost, run \`zpool remove ${pool.name} ${leaf.name}\`, put in a blank disk that is no smaller, and run \`zpool add ${pool.name} spare NEW\`.`,
        },
      ]
    }),
}

/** Paths of disks that the reading of disks covers; not those of files, loops and volumes. */
const ofDisk = /^\/dev\/(?:disk\/by-|mapper\/|(?:sd|vd|xvd|hd)[a-z]+\d*$|nvme\d+n\d+(?:p\d+)?$)/

/** Only a fresh and whole look at the disks shows that one is not there. */
function isMissing({ name, path }: DiskOfPool['leaf'], { host }: DiskOfPool['pool']): boolean {
  const { disks } = host.observation.machine
  if (disks.last === null || disks.trouble !== null || isStale(disks, host.now)) return false
  return ofDisk.test(path ?? name) && diskUnder(disks.last.value, { name, path }) === undefined
}
