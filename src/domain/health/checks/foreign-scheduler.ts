import type { Scheduler } from '../../machine.ts'
import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { usesZfs } from '../uses-zfs.ts'
import { answered } from '../view.ts'

export const foreignScheduler: Check = {
  code: 'FOREIGN_SCHEDULER',
  title: 'Something else works on the pools by the clock',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      'A cron job or a timer beside Tiercel scrubs or trims pools (info: Debian and Ubuntu install one, /etc/cron.d/zfsutils-linux), or takes, drops or sends snapshots: sanoid, zrepl, zfs-auto-snapshot and their kin (warning, unless `checks.foreignScheduler.accept` names it: then info). Comments and disabled timers do not count. The crontabs of users are seen only by root.',
    endangers: 'Two schedulers on one pool drop each other’s snapshots and run their scrubs into each other.',
    remedy: 'Decide who does what; accept the one that is meant to stay.',
    settings: ['checks.foreignScheduler.accept'],
    sources: [
      '/etc/crontab, /etc/cron.*',
      'systemctl show of known timers',
      'Debian, zfsutils-linux: /etc/cron.d/zfsutils-linux',
    ],
  },
  find: (view) =>
    answered(view).flatMap((host) => {
      const { name, observation, now } = host
      const { installed } = observation.machine
      const found = installed.last?.value.schedulers ?? []
      if (!usesZfs(host) || found.length === 0) return []
      const { accept } = view.fleet.checks.foreignScheduler
      const meddling = found.filter((one) => keepsSnapshots(one) && !accept.includes(one.name))
      const told = meddling.length > 0 ? meddling : found
      const list = [...new Set(told.map((one) => `${one.name} (${one.does.join(', ')})`))].slice(0, 5).join('; ')
      return [
        {
          code: 'FOREIGN_SCHEDULER',
          severity: meddling.length > 0 ? ('warning' as const) : ('info' as const),
          subject: name,
          place: { kind: 'host' as const, host: name },
          summary: `On ${name}, something beside Tiercel works on the pools by the clock: ${list}.`,
          evidence: evidenceFrom(
            installed,
            now,
            Object.fromEntries(found.slice(0, 10).map((one) => [one.place, one.does.join(', ')])),
          ),
          endangers:
            meddling.length > 0
              ? `Snapshots on ${name} come and go by rules that Tiercel does not know, also those that a send needs.`
              : '',
          remedy:
            meddling.length > 0
              ? `Decide who keeps the snapshots of ${name}. If it is ${[...new Set(meddling.map((one) => one.name))].join(', ')}, name it under checks.foreignScheduler.accept in the fleet file; if not, see that it leaves the datasets of the stores alone.`
              : 'Nothing to do: know that scrubs and trims start by themselves there.',
        },
      ]
    }),
}

const keepsSnapshots = ({ does }: Scheduler): boolean => does.includes('snapshot') || does.includes('replicate')
