import { z } from 'zod'
import { LocalStore, Name, SecretRef } from './fleet.ts'
import { grantTokenFile } from './grant-token.ts'
import { ProbeTiming } from './probe.ts'
import { DurationText, PercentText } from './text-units.ts'
import { days, seconds, Share } from './units.ts'

/** `/etc/tiercel/agent.yaml`: what only the host itself knows. */
export const AgentConfig = z
  .strictObject({
    apiVersion: z.literal(1),
    host: Name,
    socket: z.string().startsWith('/').default('/run/tiercel/agent.sock'),
    token: SecretRef.default({ file: '/etc/tiercel/agent.token' }),
    grantToken: SecretRef.default({ file: grantTokenFile }).describe(
      'Whoever has it may say which controller this host obeys; without it, the host stays with the key that it has noted',
    ),
    executor: z
      .strictObject({
        socket: z.string().startsWith('/').default('/run/tiercel-executor.sock'),
        token: SecretRef.default({ file: '/etc/tiercel/executor.token' }),
      })
      .prefault({})
      .describe('The root helper that runs privileged probes'),
    stores: z.array(LocalStore).default([]),
    pinIndex: z
      .strictObject({
        folder: z
          .string()
          .startsWith('/')
          .default('/var/lib/tiercel/pins')
          .describe('Where it lies: not on a pool that holds a store'),
        share: PercentText.refine((share) => share > 0, 'a share above 0%')
          .default(Share.parse(0.05))
          .describe('Most of its time that a Cluster peer may spend on the lists for it, on average'),
        walkEvery: DurationText.default(seconds(1)).describe(
          'How often one copy is walked (dag/stat) to see that no block is missing; 0s: never',
        ),
      })
      .prefault({})
      .describe('The pin index: what pins the stores hold, kept on disk'),
    operations: z
      .strictObject({
        folder: z
          .string()
          .startsWith('/')
          .default('/var/lib/tiercel/operations')
          .describe('Where they are written down, and the marks of practice: not on a pool that holds a store'),
        keepFor: DurationText.default(days(7)).describe(
          'How long one that has ended is remembered. An operation that is asked for later than that is refused',
        ),
      })
      .prefault({})
      .describe('What this host was asked to do, and how it ended'),
    logs: z
      .strictObject({
        journalctl: z
          .string()
          .startsWith('/')
          .optional()
          .describe('Where the program journalctl lies; as the path finds it otherwise'),
      })
      .prefault({})
      .describe('How the logs of this host are read'),
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
