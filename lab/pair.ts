import { randomBytes } from 'node:crypto'

import { z } from 'zod'

import { LabError } from './errors.ts'
import { guestImage } from './guests.ts'
import { clusterEnvironment, kuboConfig, kuboEnvironment } from './peer-settings.ts'
import { mustInGuest } from './ssh.ts'
import type { LabGuest, LabState } from './state.ts'

/** The usual ports: nothing else runs in a guest. */
const ports = {
  kuboApi: 5001,
  kuboGateway: 8080,
  kuboSwarm: 4001,
  rest: 9094,
  proxy: 9095,
  pinService: 9097,
  clusterSwarm: 9096,
}
const store = 'hot'
const kuboFolder = '/hot-tier/ipfs-cluster/kubo'
const clusterPath = '/hot-tier/ipfs-cluster/cluster'
const programs = '/opt/lab-tools/ipfs'

/** API addresses of the pair, as seen inside its guest. */
export const pairApis = {
  kubo: `http://127.0.0.1:${ports.kuboApi}`,
  cluster: `http://127.0.0.1:${ports.rest}`,
}

/** What the agent file of the guest says of them beside. */
export const pairLocal = {
  clusterFolder: clusterPath,
  units: { cluster: `ipfs-cluster@${store}.service`, kubo: `ipfs@${store}.service` },
}

/** Kubo's own ceiling: less than the small pool can hold. */
const storageMax = '300MB'

/** Runs a Kubo and a Cluster peer on the hot-tier of the guests that have one, as systemd units. It is a cluster of its own: no network leads out. */
export async function startPair(state: LabState, guest: LabGuest): Promise<LabGuest> {
  if (!guestImage(guest.name).pair) return guest
  await mustInGuest(state, guest, prepareScript(), { timeoutMs: 180_000 })
  const config = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(await mustInGuest(state, guest, `cat ${kuboFolder}/config`)))
  const said = await mustInGuest(
    state,
    guest,
    startScript({
      ...kuboConfig(config, ports, []),
      Datastore: { ...z.record(z.string(), z.unknown()).parse(config['Datastore']), StorageMax: storageMax },
    }),
    { timeoutMs: 240_000 },
  )
  const ids = z.object({ id: z.string(), ipfs: z.object({ id: z.string(), error: z.string() }) })
  const answer = ids.parse(JSON.parse(said.trim().split('\n').at(-1) ?? ''))
  if (answer.ipfs.error !== '') throw new LabError(`the Cluster peer in ${guest.name} does not reach its Kubo: ${said}`)
  return { ...guest, pair: { peerId: answer.id, kuboId: answer.ipfs.id, store } }
}

function prepareScript(): string {
  const settings = { secret: randomBytes(32).toString('hex'), name: 'guest-hot', folder: clusterPath, ports }
  return `
id ipfs > /dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin ipfs
mkdir -p /etc/ipfs
if ! test -e /etc/ipfs/cluster.env; then
  (umask 077; cat > /etc/ipfs/cluster.env) << 'END'
${environmentFile(clusterEnvironment({ ...settings, socket: undefined, others: [] }))}
END
  cat > /etc/ipfs/kubo.env << 'END'
${environmentFile(kuboEnvironment(kuboFolder))}
END
fi
cat > /etc/systemd/system/ipfs@.service << 'END'
[Unit]
Description=Kubo of the store %i
After=zfs-mount.service
[Service]
Type=notify
User=ipfs
EnvironmentFile=/etc/ipfs/kubo.env
ExecStart=${programs}/ipfs daemon
TimeoutStartSec=180
Restart=no
END
cat > /etc/systemd/system/ipfs-cluster@.service << 'END'
[Unit]
Description=IPFS Cluster peer of the store %i
After=ipfs@%i.service
[Service]
User=ipfs
EnvironmentFile=/etc/ipfs/cluster.env
ExecStart=${programs}/ipfs-cluster-service daemon
Restart=no
END
systemctl daemon-reload
chown ipfs: ${kuboFolder} ${kuboFolder}/blocks ${kuboFolder}/datastore ${clusterPath}
as_ipfs() { setpriv --reuid ipfs --regid ipfs --clear-groups env HOME=/ "$@" < /dev/null; }
if ! test -e ${kuboFolder}/config; then
  set -a; . /etc/ipfs/kubo.env; set +a
  as_ipfs ${programs}/ipfs init --profile=test > /dev/null
fi
if ! test -e ${clusterPath}/identity.json; then
  set -a; . /etc/ipfs/cluster.env; set +a
  as_ipfs ${programs}/ipfs-cluster-service -c ${clusterPath} init --consensus crdt > /dev/null
fi
`
}

/** Starts both, and prints the answer of the peer to /id on the last line. Without curl in the guest, bash opens the connection itself. */
function startScript(config: Readonly<Record<string, unknown>>): string {
  return `
if ! systemctl -q is-active ipfs@${store}; then
  cat > ${kuboFolder}/config << 'END'
${JSON.stringify(config, null, 2)}
END
  systemctl reset-failed ipfs@${store} 2> /dev/null || true
  systemctl start ipfs@${store} < /dev/null
fi
systemctl start ipfs-cluster@${store} < /dev/null
ask() {
  exec 3<> /dev/tcp/127.0.0.1/${ports.rest} || return 1
  printf 'GET /id HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3
  cat <&3 | grep -a '^{'
}
for try in $(seq 100); do
  answer=$( (ask) 2> /dev/null) && test -n "$answer" && { echo "$answer"; exit 0; }
  sleep 1
done
journalctl -u ipfs-cluster@${store} -n 15 --no-pager >&2
exit 1
`
}

function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
}
