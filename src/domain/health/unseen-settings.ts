import type { Finding } from './finding.ts'
import { namesOfPeers, type PeerOfCluster } from './peers-of-cluster.ts'

/** Not declared where it could be read; or a variable, in a file that only root sees, may say otherwise. */
export function isUnseen({ settings, settingsReading }: PeerOfCluster, variable: string): boolean {
  if (settingsReading === null) return true
  // Why a declared look failed is told by the checks about looking.
  return settings !== undefined && settings.mayBeOverridden && !settings.fromEnvironment.includes(variable)
}

/** What cannot be seen, once for a cluster: no alarm, but never silence. */
export function unseenFinding(about: {
  code: string
  cluster: string
  unseen: readonly PeerOfCluster[]
  what: string
}): Finding {
  const { code, cluster, unseen, what } = about
  const undeclared = unseen.filter(({ settingsReading }) => settingsReading === null)
  return {
    code,
    severity: 'info',
    subject: cluster,
    place: { kind: 'cluster', cluster },
    summary: `Of ${unseen.length} ${unseen.length === 1 ? 'peer' : 'peers'} of cluster ${cluster} it is not known for certain ${what}: ${namesOfPeers(unseen)}.`,
    evidence: [
      { what: 'peers without clusterFolder', value: undeclared.length, source: 'agent.yaml' },
      {
        what: 'peers whose unit may override service.json by files that are not read',
        value: unseen.length - undeclared.length,
        source: 'systemctl show',
      },
    ],
    endangers: '',
    remedy:
      undeclared.length > 0
        ? 'Give `clusterFolder` of these stores in agent.yaml: settings are read out of service.json there, never secrets.'
        : 'Name the unit of the peer in agent.yaml (units.cluster), and keep in its EnvironmentFile only what is secret.',
  }
}
