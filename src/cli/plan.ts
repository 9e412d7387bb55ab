import { Command } from 'commander'
import type { Planned } from '../api/operator-nouns.ts'
import type { Json } from '../domain/run.ts'
import { controllerAddress } from './find-controller.ts'
import type { FleetOption } from './fleet-option.ts'
import { addProcedureCommands, type Runbook } from './procedure-commands.ts'
import { planStatus, renderPlan } from './render-plan.ts'
import { printableJson, type Terminal } from './terminal.ts'
import { declaredFleet, openReader } from './declared-fleet.ts'

/** `tiercel plan PROCEDURE …`: what would be done, and whether it may start. Changes nothing. */
export function planCommand(terminal: Terminal, runbook: Runbook): Command {
  const command = new Command('plan')
    .description('What a procedure would do now, with every command; nothing is changed')
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Exit status: 0 it can start (and may have to wait: for a freeze, a window), 1 something objects, 2 bad input, 3 something that must hold could not be seen.
Without a controller it is planned over the agents.

Examples:
  tiercel plan practice --host n1
  tiercel procedures list`,
    )
  return addProcedureCommands(
    command,
    runbook,
    (child) => child.option('--json', 'as JSON'),
    async ({ name }, input, options) => {
      const planned = await planOnce(name, input, options, runbook)
      if (options.json === true) terminal.write(printableJson(JSON.stringify(planned, undefined, 2)))
      else for (const line of renderPlan(planned, terminal)) terminal.write(line)
      return planStatus(planned.preflight)
    },
  )
}

async function planOnce(procedure: string, input: Json, options: FleetOption, runbook: Runbook): Promise<Planned> {
  const declared = await declaredFleet(options.fleet)
  const address = controllerAddress(options.controller, declared.fleet)
  if (address === undefined) {
    // No plan is made of how the pins of a cluster stand.
    const reader = openReader(declared, { withPlacements: false })
    try {
      return await runbook.planDirectly({ ...declared, reader }, procedure, input, AbortSignal.timeout(patience))
    } finally {
      await reader.close()
    }
  }
  const { controllerClient } = await import('../adapters/controller/client.ts')
  const client = controllerClient(address)
  try {
    return await client.ask('plan', { body: { procedure, input } })
  } finally {
    await client.close()
  }
}

/** Looking at a large fleet anew takes a while; somebody waits. */
const patience = 120_000
