import { Hono } from 'hono'
import { explain } from '../../domain/errors.ts'
import { DurationText } from '../../domain/text-units.ts'
import { applyFault, faults, mendFault, UnknownFault } from '../faults/index.ts'
import { NotInWorld, storeAt } from '../lookup.ts'
import { pinCount, pinsetNamed } from '../pinset.ts'
import { healCluster, splitCluster } from '../split.ts'
import type { World } from '../world.ts'
import type { Faces } from './faces.ts'
import { addHostRoutes } from './host-routes.ts'
import { Misbehaviour } from './misbehave.ts'
import type { Simulator } from './simulator.ts'

/**
 * How the simulator is driven, over its unix socket:
 * GET /world · GET /effects · GET /faults · POST and DELETE /faults/NAME · POST /advance?by=30s ·
 * POST /clusters/NAME/split?apart=n1/hot,n1/warm and DELETE of it, which heals · PUT /misbehave/HOST/STORE/(peer|kubo)?mode=MODE and DELETE of it.
 * What processes on its hosts ask is in host-routes.ts.
 */
export function controlApp({ simulator, faces }: { simulator: Simulator; faces: Faces }): Hono {
  const app = new Hono()
  addHostRoutes(app, simulator)

  app.get('/world', (context) => context.json(simulator.look((world) => summary(world, faces))))

  app.get('/effects', (context) => context.json(simulator.look(({ effects }) => ({ count: effects.length, effects }))))

  app.get('/faults', (context) =>
    context.json(
      simulator.look((world) =>
        faults.map(({ name, title, expects }) => ({ name, title, expects, applied: world.faults.includes(name) })),
      ),
    ),
  )

  for (const [method, act] of [
    ['POST', applyFault],
    ['DELETE', mendFault],
  ] as const) {
    app.on(method, '/faults/:name', async (context) => {
      const effect = simulator.change((world) => act(world, context.req.param('name')))
      await faces.reconcile()
      return context.json({ effect: effect ?? null })
    })
  }

  app.post('/advance', (context) => {
    const by = DurationText.safeParse(context.req.query('by'))
    if (!by.success) return context.json({ error: 'by is a duration: /advance?by=30s' }, 400)
    simulator.advance(by.data)
    return context.json(simulator.look(({ now }) => ({ now })))
  })

  app.on(['POST', 'DELETE'], '/clusters/:name/split', (context) => {
    const name = context.req.param('name')
    const apart = context.req.query('apart')?.split(',') ?? []
    simulator.change((world) => {
      if (context.req.method === 'DELETE') healCluster(world, name)
      else splitCluster(world, name, [apart.map((place) => storeAt(world, place).peer.declaredId)])
    })
    return context.json(
      simulator.look(({ clusters }) => ({ split: clusters.find((one) => one.name === name)?.split ?? null })),
    )
  })

  app.on(['PUT', 'DELETE'], '/misbehave/:host/:store/:daemon', (context) => {
    const mode = Misbehaviour.optional().safeParse(context.req.query('mode'))
    if (!mode.success || (mode.data === undefined) !== (context.req.method === 'DELETE')) {
      return context.json({ error: `mode is one of ${Misbehaviour.options.join(', ')}` }, 400)
    }
    const { host, store, daemon } = context.req.param()
    const face = `${host}/${store}/${daemon}`
    if (faces.setMisbehaviour(face, mode.data)) return context.json({ face, mode: mode.data ?? null })
    return context.json({ error: `no face ${face}; there are ${Object.keys(faces.ports()).join(', ')}` }, 404)
  })

  app.notFound((context) => context.json({ error: `no such path: ${context.req.method} ${context.req.path}` }, 404))
  app.onError((error, context) => {
    return context.json(
      { error: explain(error) },
      error instanceof UnknownFault || error instanceof NotInWorld ? 404 : 500,
    )
  })
  return app
}

/** The declared ID of the peer at `n1/hot`. */
function summary(world: World, faces: Faces) {
  const ports = faces.ports()
  const face = (name: string) => ({
    url: `http://127.0.0.1:${ports[name] ?? 0}`,
    misbehaves: faces.misbehaviour(name) ?? null,
  })
  return {
    seed: world.seed,
    now: world.now,
    faults: world.faults,
    effects: world.effects.length,
    pins: world.clusters.reduce((sum, { name }) => sum + pinCount(pinsetNamed(world, name)), 0),
    hosts: world.hosts.map(({ name, agent, executor, stores }) => ({
      name,
      agent,
      executor,
      stores: stores.map((store) => ({
        name: store.name,
        tier: store.tier,
        cluster: store.cluster,
        pool: store.pool,
        dataset: store.dataset,
        peer: { id: store.peer.id, name: store.peer.name, ...face(`${name}/${store.name}/peer`) },
        kubo: { id: store.kubo.id, ...face(`${name}/${store.name}/kubo`) },
      })),
    })),
  }
}
