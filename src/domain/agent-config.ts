import { z } from 'zod'
import { LocalStore, Name, SecretRef } from './fleet.ts'
import { ProbeTiming } from './probe.ts'

/** `/etc/tiercel/agent.yaml`: what only the host itself knows. */
export const AgentConfig = z
  .strictObject({
    apiVersion: z.literal(1),
    host: Name,
    socket: z.string().startsWith('/').default('/run/tiercel/agent.sock'),
    token: SecretRef.default({ file: '/etc/tiercel/agent.token' }),
    executor: z
      .strictObject({
        socket: z.string().startsWith('/').default('/run/tiercel-executor.sock'),
        token: SecretRef.default({ file: '/etc/tiercel/executor.token' }),
      })
      .prefault({})
      .describe('The root helper that runs privileged probes'),
    stores: z.array(LocalStore).default([]),
    probes: ProbeTiming.prefault({}),
  })
  .superRefine((config, context) => {
    for (const [index, { name }] of config.stores.entries()) {
      if (config.stores.findIndex((other) => other.name === name) !== index) {
        context.addIssue({
          code: 'custom',
          path: ['stores', index, 'name'],
          message: `the store ${name} is declared twice; names are unique`,
        })
      }
    }
  })
export type AgentConfig = z.infer<typeof AgentConfig>
