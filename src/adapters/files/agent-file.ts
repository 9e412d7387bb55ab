import { AgentConfig } from '../../domain/agent-config.ts'
import { readYaml } from './yaml-file.ts'

/** Where an agent's configuration lies unless it is told otherwise. */
export const defaultAgentFile = '/etc/tiercel/agent.yaml'

/** Reads an agent's configuration. Rejects with ConfigInvalid, which names all that is wrong in it. */
export async function readAgentConfig(path: string = defaultAgentFile): Promise<AgentConfig> {
  const { value } = await readYaml(path, AgentConfig, {
    what: 'agent configuration',
    whenMissing: '`tiercel agent install` writes one; name another with --config FILE',
  })
  return value
}
