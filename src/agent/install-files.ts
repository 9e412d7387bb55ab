import { unitPath } from '../adapters/system/install.ts'
import { grantGroup } from '../domain/grant-token.ts'

/** The files that `tiercel agent install` writes. */

export const executorSocketUnit = `[Unit]
Description=Socket of the Tiercel executor

[Socket]
ListenStream=/run/tiercel-executor.sock
SocketUser=root
SocketGroup=tiercel
SocketMode=0660
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
`

/**
 * Root, but with the capabilities that ZFS, SMART and the kernel's messages ask for, two to give up all rights (before a child
 * parses a service.json), and no way to write anywhere. What it changes, it changes by ZFS's own ioctl, for which CAP_SYS_ADMIN is
 * enough. What mounts has to be run among the mounts of the host, since its own are private (in-host-mounts.ts): to go there,
 * CAP_SYS_PTRACE and CAP_SYS_CHROOT; to make a mount point in a folder of another account, CAP_DAC_OVERRIDE.
 */
export function executorUnit(launcher: string): string {
  return `[Unit]
Description=Tiercel executor: privileged probes of ZFS, and what the policy allows
Requires=tiercel-executor.socket
After=tiercel-executor.socket

[Service]
ExecStart=${unitPath(launcher)} executor
CacheDirectory=tiercel-executor
CacheDirectoryMode=0700
Environment=NODE_COMPILE_CACHE=/var/cache/tiercel-executor
CapabilityBoundingSet=CAP_SYS_ADMIN CAP_SYS_RAWIO CAP_DAC_READ_SEARCH CAP_SYSLOG CAP_SETUID CAP_SETGID CAP_SYS_PTRACE CAP_SYS_CHROOT CAP_DAC_OVERRIDE
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateNetwork=yes
RestrictAddressFamilies=AF_UNIX
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
MemoryMax=1G
TimeoutStopSec=10
`
}

export function agentUnit(launcher: string): string {
  return `[Unit]
Description=Tiercel agent: observes ZFS, Kubo and IPFS Cluster on this host
Wants=tiercel-executor.socket
# /dev/zfs must be there before DeviceAllow can name it.
# dbus.service: what ends before it can still ask systemd whether the machine goes down.
After=network.target dbus.service zfs-import.target zfs.target tiercel-executor.socket

[Service]
User=tiercel
Group=tiercel
# The journal, for tiercel logs; the grant token, to know it when it is shown.
SupplementaryGroups=systemd-journal ${grantGroup}
ExecStart=${unitPath(launcher)} agent
CacheDirectory=tiercel
CacheDirectoryMode=0700
Environment=NODE_COMPILE_CACHE=/var/cache/tiercel
Restart=always
RestartSec=2
RuntimeDirectory=tiercel
RuntimeDirectoryMode=0750
StateDirectory=tiercel
StateDirectoryMode=0700
UMask=0007
CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
DevicePolicy=closed
DeviceAllow=/dev/zfs rw
# Netlink tells which addresses this host has. /lib/modules stays visible: whether the next kernel has ZFS is looked at there.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
ProtectKernelTunables=yes
ProtectControlGroups=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
MemoryMax=1G
TimeoutStopSec=10

[Install]
WantedBy=multi-user.target
`
}

/** A first policy.yaml: the host is only observed. */
export const policyFileTemplate = `# What may be changed on this host. Root's own file: the executor obeys no other.
# Every operation, and the exact command of each: docs/reference/operations.md.
# See what it allows: tiercel agent policy show; tiercel agent policy test scrub-start --pool hot-tier
apiVersion: 1
mode: observe-only
# mode: operate
# allow:
#   - operations: [scrub-start, scrub-pause, scrub-stop]
#     pools: [hot-tier, warm-tier, cold-tier]   # or ['*']
`

/** A first agent.yaml: valid as it is, with an example to fill in. */
export function agentFileTemplate(hostName: string): string {
  return `# What only this host knows. The fleet file (tiercel.yaml) says what is expected of it.
# Every key: docs/reference/agent.schema.json. Check it with: tiercel agent check
# What may be changed here stands in another file, root's alone: policy.yaml.
apiVersion: 1
host: ${JSON.stringify(hostName)}
stores: []
# stores:
#   - name: hot                      # short, unique on this host
#     tier: hot
#     cluster: main
#     pool: hot-tier                 # as zpool list shows it
#     dataset: hot-tier/ipfs-cluster
#     clusterApi: http://127.0.0.1:9094
#     kuboApi: http://127.0.0.1:5001
#     clusterFolder: /hot-tier/ipfs-cluster/cluster   # with service.json; no secret is read out of it
#     units: { cluster: ipfs-cluster@hot.service, kubo: ipfs@hot.service }
`
}
