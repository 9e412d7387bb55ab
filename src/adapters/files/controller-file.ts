import { ControllerConfig } from '../../domain/controller-config.ts'
import { readYaml } from './yaml-file.ts'

/** Reads `controller.yaml`. Rejects with ConfigInvalid, which names all that is wrong in it. */
export async function readControllerConfig(path: string): Promise<ControllerConfig> {
  const { value } = await readYaml(path, ControllerConfig, {
    what: 'controller file',
    whenMissing: '`tiercel controller install` writes one; the smallest that is right is `apiVersion: 1`',
  })
  return value
}
