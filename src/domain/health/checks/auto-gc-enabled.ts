import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { failureOf } from '../readings-of-host.ts'
import { placeOfStore, presentOf, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const autoGcEnabled: Check = {
  code: 'AUTO_GC_ENABLED',
  title: 'A Kubo collects garbage by itself',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      'The daemon was started with `--enable-gc`: at 90 % of StorageMax it removes every block that no pin holds, whenever it likes, and cannot be stopped. Info where its command line cannot be seen.',
    endangers:
      'Blocks of copies that are being moved, restored, or unpinned by mistake after a split are gone at once. While it runs, pins and removals wait, and with them the Cluster peer: hours on disks.',
    remedy:
      'Take `--enable-gc` out of the unit of the Kubo and restart it; collect garbage one holder at a time, when nothing is in flight.',
    sources: [
      'design of the garbage collection of Kubo 0.43: GCPeriod 1 h, StorageGCWatermark 90; it takes the write side of the pin lock',
      'proc_pid_cmdline(5)',
    ],
  },
  find: (view) =>
    answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const reading = store.observed?.kuboProcess ?? null
        const found = presentOf(reading, host)
        if (reading === null || found === undefined || found.enableGc === false) return []
        // With Kubo dead there is no process to see.
        if (found.enableGc === null && failureOf(store.observed?.kubo) !== undefined) return []
        const called = `the Kubo of store ${store.name} on ${host.name}`
        const unit = store.local?.units?.kubo ?? 'the unit of this Kubo'
        return [
          {
            code: 'AUTO_GC_ENABLED',
            severity: found.enableGc === true ? 'warning' : 'info',
            subject: `${host.name}/${store.name}/kubo`,
            place: placeOfStore(store, 'kubo'),
            summary:
              found.enableGc === true
                ? `T${called.slice(1)} collects garbage by itself (--enable-gc): it removes what no pin holds, at a time of its own choice.`
                : `Whether ${called} collects garbage by itself cannot be seen: ${found.seen}.`,
            evidence: evidenceFrom(reading, host.now, {
              '--enable-gc': found.enableGc,
              'seen in': found.seen,
            }),
            endangers:
              found.enableGc === true
                ? 'Blocks of copies that are being moved or brought back can be removed under it; while it runs, pins and removals of this store wait.'
                : '',
            remedy:
              found.enableGc === true
                ? `Take --enable-gc out of ${unit} on ${host.name} and restart it with systemctl (with Kubo 0.43.0, \`ipfs shutdown\` would hang).`
                : `Name the unit of this Kubo in agent.yaml (units.kubo), so that its process can be found.`,
          },
        ]
      }),
    ),
}
