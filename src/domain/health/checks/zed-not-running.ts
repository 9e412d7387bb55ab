import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import type { Finding } from '../finding.ts'
import { usesZfs } from '../uses-zfs.ts'
import { answered } from '../view.ts'

export const zedNotRunning: Check = {
  code: 'ZED_NOT_RUNNING',
  title: 'Nobody acts on faults of disks',
  severities: ['warning', 'unknown'],
  explanation: {
    meaning:
      'The ZFS event daemon, ZED, does not run on a host with ZFS: neither its unit is active, nor is there a process of its name. Unknown where neither can be seen.',
    endangers:
      'A failed disk is not given up, no spare takes its place, and a disk put back is not taken in by itself.',
    remedy: 'Install and start it: on Debian and Ubuntu the package zfs-zed.',
    sources: ['zed(8)', 'zpoolconcepts(7), Hot Spares: ZED puts them in'],
  },
  find: (view) =>
    answered(view).flatMap((host): Finding[] => {
      const { name, observation, now } = host
      const reading = observation.machine.services
      const services = reading.last?.value
      if (!usesZfs(host) || services === undefined || services.zed === true) return []
      const unit = services.units.find((one) => one.name === 'zfs-zed.service')
      return [
        {
          code: 'ZED_NOT_RUNNING',
          severity: services.zed === null ? 'unknown' : 'warning',
          subject: name,
          place: { kind: 'host', host: name },
          summary:
            services.zed === null
              ? `Whether ZED runs on ${name} is not known.`
              : `ZED does not run on ${name}: nobody acts when a disk fails.`,
          evidence: evidenceFrom(reading, now, {
            'zfs-zed.service': unit === undefined ? 'not known' : `${unit.load}, ${unit.active}`,
            'process zed': services.zed === null ? null : 'none',
          }),
          endangers: `When a disk of ${name} fails, it is not given up, and no spare takes its place until a person acts.`,
          remedy:
            unit?.load === 'loaded'
              ? `On ${name}, run \`systemctl enable --now zfs-zed.service\`, and \`journalctl -u zfs-zed -e\` if it does not stay.`
              : `On ${name}, install and start it: \`apt install zfs-zed\` on Debian and Ubuntu; it is part of the package zfs elsewhere.`,
        },
      ]
    }),
}
