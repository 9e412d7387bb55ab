import type { Vdev } from '../../pool-status.ts'
import { vdevClasses } from '../../pool-status.ts'
import type { Check } from '../check.ts'
import { disksIn } from '../disks-of-pool.ts'
import type { Finding } from '../finding.ts'
import { leafName } from '../redundancy.ts'

export const spareInUse: Check = {
  code: 'SPARE_IN_USE',
  title: 'A spare stands in for a disk',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      'A hot spare has taken the place of a disk, or is taking it. The pool keeps its redundancy, but there is one spare less until the work is finished: the disk replaced, or taken back. Info where the spare serves another pool that shares it.',
    endangers: 'The next failed disk may find no spare.',
    remedy:
      'Replace the failed disk; the spare then returns by itself. Or detach the failed disk, and the spare stays for good.',
    sources: [
      'zpoolconcepts(7), Hot Spares',
      'zpool status of 2.1.11 and 2.3.2: a vdev `spare-N` of the disk and its spare',
    ],
  },
  find: (view) =>
    disksIn(view).flatMap(({ leaf, class: name, pool, called, place, subject, evidence }): Finding[] => {
      if (name !== 'spare' || leaf.state !== 'INUSE') return []
      const stands = vdevClasses
        .flatMap((some) => pairs(pool.status?.vdevs[some] ?? []))
        .find((pair) => pair.children.slice(1).some((child) => child.name === leaf.name))
      const common = { code: 'SPARE_IN_USE', subject, place, evidence: evidence() }
      const replaced = stands?.children[0]
      if (replaced === undefined) {
        return [
          {
            ...common,
            severity: 'info',
            summary: `Spare ${called} of pool ${pool.name} on ${pool.host.name} is in use, and not in this pool.`,
            endangers: '',
            remedy: `Look at the other pools of ${pool.host.name}: the one that uses it says for which disk.`,
          },
        ]
      }
      return [
        {
          ...common,
          severity: 'warning',
          summary: `Spare ${called} of pool ${pool.name} on ${pool.host.name} stands in for ${leafName(replaced)} (${replaced.state}).`,
          endangers: `No data now: but the next failed disk of ${pool.name} may find no spare.`,
          remedy: `When the resilver has ended, put in a new disk and run \`zpool replace ${pool.name} ${replaced.name} NEW\`: the spare returns by itself. If ${leafName(replaced)} is well again, \`zpool detach ${pool.name} ${leaf.name}\` gives the spare back.`,
        },
      ]
    }),
}

/** The vdevs `spare-N`: first the disk, then what stands in for it. */
function pairs(vdevs: readonly Vdev[]): Vdev[] {
  return vdevs.flatMap((vdev) => [...(vdev.kind === 'spare' ? [vdev] : []), ...pairs(vdev.children)])
}
