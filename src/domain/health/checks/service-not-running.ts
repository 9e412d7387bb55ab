import type { Services, Unit } from '../../machine.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Finding } from '../finding.ts'
import { placeOfStore, type StoreOnHost, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const serviceNotRunning: Check = {
  code: 'SERVICE_NOT_RUNNING',
  title: 'A declared service does not run',
  severities: ['critical', 'warning', 'unknown'],
  explanation: {
    meaning:
      'A unit that agent.yaml names for the Kubo or the Cluster peer of a store is not active. Critical when it is stopped or has failed; warning when systemd is starting or stopping it, starts it again and again, or does not know it. Unknown on a host without systemd. Whether the daemon answers is told by KUBO_UNREACHABLE and CLUSTER_UNREACHABLE; this says why it may not.',
    endangers: 'The store serves no pins, and takes none, until the service runs.',
    remedy: 'Read the log of the unit, and start it.',
    sources: ['systemctl show: LoadState, ActiveState, SubState, Result, NRestarts (org.freedesktop.systemd1(5))'],
  },
  find: (view) =>
    answered(view).flatMap((host) => {
      const services = host.observation.machine.services.last?.value
      if (services === undefined) return []
      return storesOf(host).flatMap((store) =>
        (['cluster', 'kubo'] as const).flatMap((daemon) => {
          const unit = store.local?.units?.[daemon]
          return unit === undefined ? [] : judged(store, daemon, unit, services)
        }),
      )
    }),
}

function judged(store: StoreOnHost, daemon: 'cluster' | 'kubo', name: string, services: Services): Finding[] {
  const { host } = store
  const common = {
    code: 'SERVICE_NOT_RUNNING',
    subject: `${host.name}/${store.name}/${daemon === 'cluster' ? 'peer' : 'kubo'}`,
    place: placeOfStore(store, daemon === 'cluster' ? 'peer' : 'kubo'),
  }
  const called = `the ${daemon === 'cluster' ? 'Cluster peer' : 'Kubo'} of store ${store.name} on ${host.name}`
  if (services.manager === 'none') {
    return [
      {
        ...common,
        severity: 'unknown',
        summary: `Whether unit ${name} of ${called} runs is not known: ${host.name} was not started by systemd.`,
        evidence: [declared('unit', name, 'agent.yaml')],
        endangers: `Nobody starts ${called} again when it ends.`,
        remedy: `Take \`units\` of store ${store.name} out of agent.yaml on ${host.name}: they say nothing there.`,
      },
    ]
  }
  const unit = services.units.find((one) => one.name === name)
  // One that was declared since the last look is in the next one.
  if (unit === undefined || unit.active === 'active' || unit.active === 'reloading' || unit.active === 'refreshing') {
    return []
  }
  return [
    {
      ...common,
      severity:
        unit.load === 'loaded' && (unit.active === 'failed' || unit.active === 'inactive') ? 'critical' : 'warning',
      summary: `Unit ${name} of ${called} ${stateText(unit)}.`,
      evidence: evidenceFrom(host.observation.machine.services, host.now, {
        state: `${unit.active} (${unit.sub})`,
        ...(unit.result === '' ? {} : { result: unit.result }),
        ...(unit.restarts === null ? {} : { 'started again by systemd': unit.restarts }),
        unit: unit.load,
      }),
      endangers: `While it does not run, the copies of store ${store.name} on ${host.name} ${daemon === 'kubo' ? 'cannot be read' : 'are not looked after, and it takes no new pins'}.`,
      remedy: remedyFor(unit, host.name, store.name),
    },
  ]
}

function stateText({ load, active, sub, result, restarts }: Unit): string {
  if (load !== 'loaded') return load === 'not-found' ? 'does not exist' : `cannot be used: it is ${load}`
  if (sub === 'auto-restart')
    return `ends again and again${restarts === null ? '' : `, ${restarts} times by now`} (${result})`
  if (active === 'failed') return `has failed (${result === '' ? sub : result})`
  if (active === 'inactive') return 'is stopped'
  return `does not run yet, or no longer: it is ${active}`
}

function remedyFor({ name, load, result }: Unit, host: string, store: string): string {
  if (load === 'not-found')
    return `Correct \`units\` of store ${store} in agent.yaml on ${host}: \`systemctl list-units\` shows those that exist.`
  if (load !== 'loaded')
    return `On ${host}, run \`systemctl status ${name}\`; a masked unit was masked by somebody: \`systemctl unmask ${name}\` when their work is done.`
  const memory = result === 'oom-kill' ? ' The kernel ended it for want of memory: see HOST_MEMORY_LOW.' : ''
  return `On ${host}, run \`journalctl -u ${name} -e\`, mend what it says, then \`systemctl start ${name}\`. Start it only while its pool is imported and its dataset mounted.${memory}`
}
