import type { Check } from '../check.ts'
import { answeringDaemons, type DatasetsOfStore, datasetsOfStores } from '../datasets-of-store.ts'
import type { Finding } from '../finding.ts'

export const keyNotLoaded: Check = {
  code: 'KEY_NOT_LOADED',
  title: 'The key of an encrypted dataset of a store is not loaded',
  severities: ['critical'],
  explanation: {
    meaning:
      'The dataset of a store, or one below it, is encrypted, and `keystatus` is unavailable: it cannot be mounted. Told once for each encryption root. Backups that are kept without their key belong to no store, and are not found.',
    endangers:
      'The pins on it cannot be read. A daemon that starts now finds an empty folder under the mount point, begins anew in it, and fills the disk of the system.',
    remedy: 'Load the key (`zfs load-key`), mount the dataset, then start the daemons.',
    sources: ['zfs-load-key(8)', 'zfsprops(7), keystatus: available or unavailable (recorded on 2.1.11 and 2.3.2)'],
  },
  find: (view) => datasetsOfStores(view).flatMap((of) => judge(of)),
}

function judge({ store, within, evidence, place }: DatasetsOfStore): Finding[] {
  const locked = within.filter(({ keyStatus }) => keyStatus === 'unavailable')
  const roots = [...new Set(locked.map(({ encryptionRoot, name }) => encryptionRoot ?? name))]
  const daemons = answeringDaemons(store)
  const { host } = store
  return roots.map((root) => {
    const names = locked.filter(({ encryptionRoot, name }) => (encryptionRoot ?? name) === root).map(({ name }) => name)
    return {
      code: 'KEY_NOT_LOADED',
      severity: 'critical' as const,
      subject: `${host.name}/${root}`,
      place,
      summary: `The key of dataset ${root} of store ${store.name} on ${host.name} is not loaded${daemons.length === 0 ? '' : `, and ${daemons.join(' and ')} ${daemons.length === 1 ? 'is' : 'are'} running`}.`,
      evidence: evidence({
        keystatus: 'unavailable',
        'encryption root': root,
        datasets: names.slice(0, 10).join(', '),
      }),
      endangers: `Nobody can read the pins of store ${store.name} on ${host.name}; a daemon that runs without them begins anew in an empty folder, and fills the disk of the system.`,
      remedy: `${daemons.length === 0 ? '' : `Stop the daemons of store ${store.name} first. `}Run \`zfs load-key ${root}\` and \`zfs mount ${names[0] ?? root}\` on ${host.name}, then start the daemons.`,
    }
  })
}
