import { AgentConfig } from '../../src/domain/agent-config.ts'
import { openApiDocument } from '../../src/api/openapi.ts'
import { ControllerConfig } from '../../src/domain/controller-config.ts'
import { fleetFileOf } from '../../src/controller/check-settings.ts'
import { procedures } from '../../src/procedures/index.ts'
import { healthPage } from './health-page.ts'
import { Policy } from '../../src/operations/policy.ts'
import { proceduresPage } from './procedures-page.ts'
import { operationsPage } from './operations-page.ts'
import type { Page } from './page.ts'
import { tiercelVersion } from '../../src/version.ts'
import { schemaPage } from './schema-page.ts'

/** Every page under docs/reference: a new one is one entry here. */
export const pages: readonly Page[] = [
  {
    path: 'docs/reference/openapi.json',
    text: () => `${JSON.stringify(openApiDocument(tiercelVersion), undefined, 2)}\n`,
  },
  {
    path: 'docs/reference/controller.schema.json',
    text: () => schemaPage(ControllerConfig, 'The controller file of Tiercel, /etc/tiercel/controller.yaml'),
  },
  { path: 'docs/reference/health.md', text: healthPage },
  { path: 'docs/reference/operations.md', text: operationsPage },
  { path: 'docs/reference/procedures.md', text: () => proceduresPage() },
  {
    path: 'docs/reference/policy.schema.json',
    text: () => schemaPage(Policy, 'The policy of a host, /etc/tiercel/policy.yaml: what may be changed on it'),
  },
  {
    path: 'docs/reference/tiercel.schema.json',
    text: () =>
      schemaPage(
        fleetFileOf(procedures),
        'The fleet file of Tiercel, tiercel.yaml: what there is, and what is expected of it',
      ),
  },
  {
    path: 'docs/reference/agent.schema.json',
    text: () =>
      schemaPage(AgentConfig, 'The agent file of Tiercel, /etc/tiercel/agent.yaml: what only the host itself knows'),
  },
]
