import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { agentApp } from '../agent/http.ts'
import type { ServedPinIndex } from '../agent/pin-routes.ts'
import type { createController } from '../controller/controller.ts'
import { serve } from '../controller/serve.ts'
import type { PinIndex } from '../domain/ports/pin-index.ts'
import { explain, Unreachable } from '../domain/errors.ts'
import type { PlacementDesk } from '../observe/placement.ts'
import type { ObservedFleet } from '../sim/observed-fleet.ts'
import { simFleet } from '../sim/sim-fleet.ts'
import type { World } from '../sim/world.ts'
import { tiercelVersion } from '../version.ts'

/** The agents of a simulated fleet, each on a socket as a real one: what is recommended can be typed. */
export interface DemoAgents {
  /** A fleet file that names them. */
  fleetFile: string
  /** Its content, as a controller is given it. */
  source: Parameters<typeof createController>[0]['source']
  close(): void
}

/** Serves them in this process. `folder`: for this user alone. `now`: lets the world come to the present moment. */
export async function startDemoAgents(
  world: World,
  fleet: ObservedFleet,
  { folder, now }: { folder: string; now: () => Promise<void> },
): Promise<DemoAgents> {
  const token = crypto.randomUUID()
  const tokenFile = join(folder, 'agent.token')
  writeFileSync(tokenFile, token, { mode: 0o600 })
  const addressOf = (host: string): string => join(folder, `${host}.sock`)
  const declared = simFleet(world)
  const indexes = new Map(
    declared.hosts.flatMap(({ name, stores }) =>
      stores.map((store) => [`${name}/${store.name}`, servedIndex(fleet.pins(name, store.name), now)] as const),
    ),
  )
  const served = await Promise.all(
    declared.hosts.map(async ({ name: host, stores }) => {
      const seen = async () => {
        await now()
        const contact = await fleet.contact(host)
        if (contact.state === 'unreachable') throw new Unreachable(contact.error)
        return contact.observation
      }
      const app = agentApp({
        host,
        tiercelVersion,
        token,
        observation: seen,
        pinIndexOf: (store) => indexes.get(`${host}/${store}`),
        placements: new Map(
          stores.map(({ name }): [string, PlacementDesk] => [
            name,
            async (question, signal) => {
              await now()
              return fleet.placement({ host, store: name }, question, signal)
            },
          ]),
        ),
      })
      return serve(app, { socket: addressOf(host) })
    }),
  )
  const source = {
    apiVersion: 1,
    checks: { foreignScheduler: { accept: ['zfsutils-linux'] } },
    clusters: declared.clusters.map(({ name }) => ({ name })),
    tiers: declared.tiers.map(({ name }) => ({ name })),
    hosts: declared.hosts.map(({ name, stores }) => ({
      name,
      address: `unix:${addressOf(name)}`,
      token: { file: tokenFile },
      stores: stores.map(({ pool, dataset, peer, ...store }) => ({
        name: store.name,
        tier: store.tier,
        cluster: store.cluster,
        ...(pool === undefined ? {} : { pool }),
        ...(dataset === undefined ? {} : { dataset }),
        ...(peer === undefined ? {} : { peer }),
      })),
    })),
  }
  const fleetFile = join(folder, 'tiercel.yaml')
  writeFileSync(fleetFile, stringify(source))
  return {
    fleetFile,
    source,
    close: () => {
      for (const agent of served) agent.close()
    },
  }
}

/** The simulated index, with what must not keep an asker waiting. */
function servedIndex(index: PinIndex, now: () => Promise<void>): ServedPinIndex {
  let isRunning = false
  let failure: string | null = null
  const begin = (): void => {
    if (isRunning) return
    isRunning = true
    failure = null
    now()
      .then(async () => index.refresh())
      .catch((error: unknown) => {
        failure = explain(error)
      })
      .finally(() => {
        isRunning = false
      })
  }
  // The simulated one has no `this`.
  return { ...index, begin, progress: () => ({ isRunning, failure }) }
}
