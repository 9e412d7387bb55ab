import { type ControllerClient, controllerClient } from '../adapters/controller/client.ts'
import { answers } from '../adapters/system/listen.ts'
import { adminTokenFile, type ControllerConfig } from '../domain/controller-config.ts'
import { NotPermitted } from '../domain/errors.ts'
import type { ControllerStore } from '../domain/ports/controller-store.ts'
import { openStore } from './open-store.ts'

/**
 * What an administrator does on the controller's own machine: by the process that has the store, with the first token; and
 * by the store itself while no process has it.
 */
export async function atTheController<T>(
  config: ControllerConfig,
  by: { running: (client: ControllerClient) => Promise<T>; stopped: (store: ControllerStore) => Promise<T> },
): Promise<T> {
  const { socket } = config.listen
  if (await answers(socket)) {
    const file = process.env['TIERCEL_TOKEN_FILE'] ?? ''
    const client = controllerClient({
      url: `unix:${socket}`,
      token: { file: file === '' ? adminTokenFile(config) : file },
    })
    try {
      return await by.running(client)
    } finally {
      await client.close()
    }
  }
  const store = await openStore(config.store)
  try {
    return await by.stopped(store)
  } finally {
    await store.close()
  }
}

/** For what needs the process itself. */
export const mustRun = (): Promise<never> =>
  Promise.reject(new NotPermitted('the controller does not run', 'Start it first: systemctl start tiercel-controller.'))
