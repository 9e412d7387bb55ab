import { untoldReason } from '../../pool-reasons.ts'
import type { Check } from '../check.ts'
import { held, placeOfPool, poolsIn, statusEvidence } from '../pools-of-host.ts'

export const poolStatusReason: Check = {
  code: 'POOL_STATUS_REASON',
  title: 'A pool says something of itself that nothing else tells',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      '`zpool status` gives a reason behind `status:` that no other finding tells. Warning for another host ID in the pool, an erratum, features or a `compatibility` list that do not fit, and for every reason that Tiercel does not know; info for an old format of the pool, a block size that is not that of its disks, and a scrub that is recommended after a sequential rebuild.',
    endangers:
      'With another host ID the next import is refused, or another host takes the pool for its own; errata can damage data. What is not known is told in the words of the program.',
    remedy: 'Follow the words of `zpool status` and the page that they name.',
    sources: [
      'zpool_get_status of libzfs_status.c and print_status_reason of zpool_main.c, OpenZFS 2.1.16 to 2.4.4: only the worst reason is told',
      'https://openzfs.github.io/openzfs-docs/msg/',
    ],
  },
  find: (view) =>
    poolsIn(view).flatMap((pool) => {
      const { name, host, subject, status } = pool
      const severity = status === undefined ? undefined : untoldReason(status)
      if (status === undefined || severity === undefined) return []
      const { statusText = '', action, messageId } = status
      const page = messageId === undefined ? [] : [`https://openzfs.github.io/openzfs-docs/msg/${messageId}`]
      return [
        {
          code: 'POOL_STATUS_REASON',
          severity,
          subject,
          place: placeOfPool(pool),
          summary: `Pool ${name} on ${host.name} says of itself: ${statusText}`,
          evidence: statusEvidence(pool, {
            'in its own words': statusText,
            ...(action === undefined ? {} : { 'what it recommends': action }),
            ...(messageId === undefined ? {} : { message: messageId }),
          }),
          endangers: severity === 'info' ? '' : `It is not known what becomes of ${held(pool)}: the words say more.`,
          remedy: [
            `Run \`zpool status ${name}\` on ${host.name} and read what it recommends; what cannot be undone should wait until you know why.`,
            ...page,
          ].join(' '),
        },
      ]
    }),
}
