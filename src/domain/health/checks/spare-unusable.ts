import type { Check } from '../check.ts'
import { disksIn } from '../disks-of-pool.ts'

export const spareUnusable: Check = {
  code: 'SPARE_UNUSABLE',
  title: 'A spare could not stand in',
  severities: ['warning'],
  explanation: {
    meaning:
      'A hot spare is neither available nor in use: it cannot be opened, has failed, was pulled or taken offline.',
    endangers: 'No data now: but when a disk fails, this spare cannot stand in for it.',
    remedy: 'Look at its cable and SMART values; remove it from the pool and add another.',
    sources: ['zpoolconcepts(7), Hot Spares: states AVAIL and INUSE'],
  },
  find: (view) =>
    disksIn(view).flatMap(({ leaf, class: name, pool, called, place, subject, evidence }) => {
      // ONLINE is not a state of a spare, but says that the disk answers.
      if (name !== 'spare' || ['AVAIL', 'INUSE', 'ONLINE'].includes(leaf.state)) return []
      return [
        {
          code: 'SPARE_UNUSABLE',
          severity: 'warning' as const,
          subject,
          place,
          summary: `Spare ${called} of pool ${pool.name} on ${pool.host.name} cannot be used: ${[leaf.state, leaf.note].filter(Boolean).join(', ')}.`,
          evidence: evidence(),
          endangers: `No data now: but when a disk of ${pool.name} fails, this spare cannot stand in for it.`,
          remedy: `Check its cable and SMART values. If the disk is lost, run \`zpool remove ${pool.name} ${leaf.name}\`, put in a blank disk that is no smaller, and run \`zpool add ${pool.name} spare NEW\`.`,
        },
      ]
    }),
}
