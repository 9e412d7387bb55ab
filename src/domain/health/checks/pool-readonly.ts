import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { held, placeOfPool, poolsIn } from '../pools-of-host.ts'

export const poolReadonly: Check = {
  code: 'POOL_READONLY',
  title: 'A pool is imported read-only',
  severities: ['critical', 'info'],
  explanation: {
    meaning:
      'The pool was imported with `-o readonly=on`, as one does to save data from a pool that is damaged. Critical where a store is on it; info where none is.',
    endangers:
      'Nothing can be written: no new pin, no unpin, no garbage collection, no scrub, no repair. Kubo and IPFS Cluster cannot start or work on it.',
    remedy:
      'When what had to be saved is saved, stop what uses the pool, export it, and import it again without readonly. Do not scrub it before: on OpenZFS 2.2 and 2.3 the command hangs.',
    sources: [
      'zpoolprops(7), readonly',
      '`zpool scrub` of a pool that is imported read-only hangs (measured on 2.3.2)',
    ],
  },
  find: (view) =>
    poolsIn(view).flatMap((pool) => {
      const { name, host, subject, listed, stores } = pool
      const reading = host.observation.zfs?.pools
      if (reading === undefined || listed?.readonly !== true) return []
      const isUsed = stores.length > 0
      return [
        {
          code: 'POOL_READONLY',
          severity: isUsed ? ('critical' as const) : ('info' as const),
          subject,
          place: placeOfPool(pool),
          summary: `Pool ${name} on ${host.name} is imported read-only.`,
          evidence: evidenceFrom(reading, host.now, { readonly: true }),
          endangers: isUsed
            ? `Nothing can be written to it, and nothing on it repaired: ${held(pool)} are as they are.`
            : '',
          remedy: `When what had to be saved is saved, stop what uses ${name}, run \`zpool export ${name}\`, and \`zpool import ${name}\` without readonly. Do not scrub it before.`,
        },
      ]
    }),
}
