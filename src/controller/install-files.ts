import { unitPath } from '../adapters/system/install.ts'

/** The files that `tiercel controller install` writes. */

/** `groups`: those that let in to the agent of this machine, as far as they are there. systemd starts no unit with a group that is not. */
export function controllerUnit(launcher: string, { groups }: { groups: readonly string[] }): string {
  return `[Unit]
Description=Tiercel controller: owns runs, locks, mutes and tokens of a fleet
After=network-online.target
Wants=network-online.target

[Service]
User=tiercel-controller
Group=tiercel-controller
${groups.length > 0 ? `# The socket and the tokens of the agent on this machine.\nSupplementaryGroups=${groups.join(' ')}\n` : ''}ExecStart=${unitPath(launcher)} controller run
Environment=NODE_COMPILE_CACHE=/var/cache/tiercel-controller
CacheDirectory=tiercel-controller
CacheDirectoryMode=0700
Restart=always
RestartSec=2
# Its own folder: that of the agent goes away whenever the agent ends.
RuntimeDirectory=tiercel-controller
RuntimeDirectoryMode=0755
StateDirectory=tiercel-controller
StateDirectoryMode=0700
UMask=0077
CapabilityBoundingSet=
NoNewPrivileges=yes
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
MemoryMax=4G
TimeoutStopSec=20

[Install]
WantedBy=multi-user.target
`
}

/** A first controller.yaml: valid as it is. */
export const controllerFileTemplate = `# What the controller is given. Check it with: tiercel controller check
apiVersion: 1
fleet: /etc/tiercel/tiercel.yaml
store: { sqlite: /var/lib/tiercel-controller/store.sqlite }
listen:
  socket: /run/tiercel-controller/controller.sock
  # Beyond this machine, only with TLS:
  # tcp: { host: 0.0.0.0, port: 7443, tls: { cert: /etc/tiercel/controller.crt, key: /etc/tiercel/controller.key } }
collect: { every: 10s }
# What is over is kept so long; what is cut from the audit is written into files first, in the folder audit beside the store.
# keep: { runs: 365d, transcripts: 90d, audit: 730d }
`
