import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { hostOf, storeOf } from '../lookup.ts'
import { clusterState, kuboState } from '../pin-view.ts'
import { clusterReply } from './cluster-face.ts'
import { kuboReply } from './kubo-face.ts'
import { type Misbehaviour, sendBadly } from './misbehave.ts'
import { send } from './send.ts'
import type { Simulator } from './simulator.ts'

/** Every daemon of the world behind its own port on 127.0.0.1. The port of a killed one refuses, as in life. */
export interface Faces {
  /** Opens and closes ports as the world has it now. */
  reconcile(): Promise<void>
  /** By face: `n1/hot/peer` is a Cluster peer, `n1/hot/kubo` a Kubo. */
  ports(): Record<string, number>
  /** Undefined makes it behave; false when there is no such face. */
  setMisbehaviour(face: string, mode: Misbehaviour | undefined): boolean
  misbehaviour(face: string): Misbehaviour | undefined
  close(): Promise<void>
}

interface Face {
  name: string
  server: Server
  port: number
  mode: Misbehaviour | undefined
  shouldBeOpen: () => boolean
}

/** `knownPorts` are taken again where they are free. `report` hears of our own mistakes; no daemon makes them. */
export function createFaces(options: {
  simulator: Simulator
  knownPorts: Record<string, number>
  report: (error: unknown) => void
}): Faces {
  const { simulator, knownPorts, report } = options
  const faces = simulator.look((world) =>
    world.hosts.flatMap((host) =>
      host.stores.flatMap((store) =>
        (['peer', 'kubo'] as const).map((kind) =>
          createFace(simulator, { host: host.name, store: store.name, kind }, report),
        ),
      ),
    ),
  )
  for (const face of faces) face.port = knownPorts[face.name] ?? 0
  let lastReconcile = Promise.resolve()
  return {
    reconcile() {
      // One after another: two at once would open the same port twice.
      lastReconcile = reconcileAll(faces, lastReconcile)
      return lastReconcile
    },
    ports: () => Object.fromEntries(faces.map(({ name, port }) => [name, port])),
    setMisbehaviour(name, mode) {
      const face = faces.find((candidate) => candidate.name === name)
      if (face === undefined) return false
      face.mode = mode
      return true
    },
    misbehaviour: (name) => faces.find((face) => face.name === name)?.mode,
    async close() {
      for (const { server } of faces) await closeServer(server)
    },
  }
}

async function reconcileAll(faces: readonly Face[], after: Promise<void>): Promise<void> {
  await after
  for (const face of faces) await reconcileFace(face)
}

function createFace(
  simulator: Simulator,
  at: { host: string; store: string; kind: 'peer' | 'kubo' },
  report: (error: unknown) => void,
): Face {
  const find = (name: typeof at) =>
    simulator.look((world) => {
      const host = hostOf(world, name.host)
      return { world, host, store: storeOf(host, name.store) }
    })
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const landing = {
      simulator,
      ...find(at),
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
    }
    const reply = at.kind === 'peer' ? clusterReply(landing) : kuboReply(landing)
    const manners = at.kind === 'peer' ? 'cluster' : 'kubo'
    await (face.mode === undefined ? send(reply, response, manners) : sendBadly(face.mode, reply, response, manners))
  }
  const face: Face = {
    name: `${at.host}/${at.store}/${at.kind}`,
    port: 0,
    mode: undefined,
    server: createServer((request, response) => {
      request.resume()
      // Our own mistake must not look like a daemon that answers.
      answer(request, response).catch((error: unknown) => {
        report(error)
        response.destroy()
      })
    }),
    shouldBeOpen() {
      const { host, store } = find(at)
      return (at.kind === 'peer' ? clusterState(host, store) : kuboState(host, store)) !== 'refuses'
    },
  }
  return face
}

async function reconcileFace(face: Face): Promise<void> {
  const shouldBeOpen = face.shouldBeOpen()
  if (shouldBeOpen === face.server.listening) return
  if (!shouldBeOpen) {
    await closeServer(face.server)
    return
  }
  // Somebody may have taken the port for a moment while it was free; for longer, and the face moves.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await listen(face.server, face.port)) break
    await pause(50)
  }
  if (!face.server.listening) await listen(face.server, 0)
  face.port = portOf(face.server)
}

/** False when the port is taken. */
function listen(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    }
    server.once('error', onError)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', onError)
      resolve(true)
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('a face has no port')
  return address.port
}
