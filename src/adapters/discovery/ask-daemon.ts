import type { FoundDaemon } from '../../domain/init/discovery.ts'
import { seconds } from '../../domain/units.ts'
import { clusterPinning } from '../cluster/cluster-pinning.ts'
import { PeerRefused } from '../http/errors.ts'
import { kuboContent } from '../kubo/kubo-content.ts'

/** What a daemon says of itself at an address. */
type Said = Pick<FoundDaemon, 'asksCredentials' | 'url' | 'id' | 'version' | 'sees' | 'kuboId'>

/** Long for a daemon on this machine; short for whoever waits. */
const within = seconds(4)

/**
 * Asks each address whether the daemon's API is there: a daemon listens at several, for its swarm, its gateway and more,
 * and these refuse, or say nothing that we understand. The first one that answers is told; one that wants credentials,
 * where none does; undefined where nobody answers.
 */
export async function askDaemon(kind: FoundDaemon['kind'], urls: readonly string[]): Promise<Said | undefined> {
  const said = await Promise.all(urls.map(async (url) => askAt(kind, url)))
  const found = said.filter((each) => each !== undefined)
  return found.find(({ asksCredentials }) => !asksCredentials) ?? found[0]
}

async function askAt(kind: FoundDaemon['kind'], url: string): Promise<Said | undefined> {
  const api = kind === 'kubo' ? kuboContent({ url }, { valueWithin: within }) : undefined
  const peer = kind === 'cluster' ? clusterPinning({ url }, { valueWithin: within }) : undefined
  const signal = AbortSignal.timeout(within * 2)
  try {
    if (api !== undefined) {
      const { id, version } = await api.self(signal)
      return { asksCredentials: false, url, id, version, sees: [] }
    }
    const self = await peer?.self(signal)
    if (self === undefined) return undefined
    const { id, version, sees, kubo } = self
    return { asksCredentials: false, url, id, version, sees: sees.filter((other) => other !== id), kuboId: kubo.id }
  } catch (error) {
    return error instanceof PeerRefused ? { asksCredentials: true, url, sees: [] } : undefined
  } finally {
    await api?.close()
    await peer?.close()
  }
}
