import type { Check } from '../check.ts'
import { placeOfPool, poolsIn, statusEvidence } from '../pools-of-host.ts'

/** `FEAT_DISABLED` of libzfs; 2.0 has it without "and requested" (published outputs of 2.0 to 2.2). */
const disabled = /^Some supported (and requested )?features are not enabled on the pool\./

export const poolFeaturesDisabled: Check = {
  code: 'POOL_FEATURES_DISABLED',
  title: 'A pool does not use all features of its OpenZFS',
  severities: ['info'],
  explanation: {
    meaning:
      '`zpool status` says that features which this OpenZFS has, and which the property `compatibility` of the pool asks for, are not enabled. It says so only of a pool that has nothing worse to tell. It is the usual state after OpenZFS was updated.',
    endangers: 'Nothing: the pool works as it did.',
    remedy:
      'Nothing has to be done. Enabling features cannot be undone: older hosts, boot loaders and rescue systems can no longer import the pool. Wait until every host that may ever import it has the newer OpenZFS.',
    sources: [
      'zpool-features(7), zpoolprops(7), compatibility',
      'zpool_get_status of libzfs: only the worst reason is told',
    ],
  },
  find: (view) =>
    poolsIn(view).flatMap((pool) => {
      const text = pool.status?.statusText
      if (text === undefined || !disabled.test(text)) return []
      return [
        {
          code: 'POOL_FEATURES_DISABLED',
          severity: 'info' as const,
          subject: pool.subject,
          place: placeOfPool(pool),
          summary: `Pool ${pool.name} on ${pool.host.name} does not use all features of its OpenZFS.`,
          evidence: statusEvidence(pool, { 'in its own words': text }),
          endangers: '',
          remedy: `Nothing has to be done. Enabling features cannot be undone: first make sure that every host and rescue system that may ever import ${pool.name} knows them (\`zpool get all ${pool.name}\` lists them as feature@…).`,
        },
      ]
    }),
}
