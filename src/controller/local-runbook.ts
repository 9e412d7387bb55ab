import type { z } from 'zod'
import type { Planned, ProcedureInfo } from '../api/operator-nouns.ts'
import type { Agents } from '../adapters/agent/contact.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { Refusal } from '../domain/errors.ts'
import type { Fleet } from '../domain/fleet.ts'
import type { FleetView } from '../domain/health/view.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { Json } from '../domain/run.ts'
import { Planning } from '../engine/planning.ts'
import { InvalidInput } from '../engine/errors.ts'
import { procedures } from '../procedures/index.ts'
import { agentWorld } from './agent-world.ts'
import { checkSettings, fleetFileOf } from './check-settings.ts'
import { procedureInfos } from './procedure-infos.ts'

/** The runbook of this release, for a command line: what there is, and plans straight over the agents, without a controller. */
export const localRunbook: {
  procedures: readonly ProcedureInfo[]
  FleetFile: z.ZodType
  planDirectly(
    seen: { fleet: Fleet; reader: Agents },
    procedure: string,
    input: Json,
    signal: AbortSignal,
  ): Promise<Planned>
} = {
  procedures: procedureInfos(procedures),
  FleetFile: fleetFileOf(procedures),
  async planDirectly({ fleet, reader }, procedure, input, signal) {
    checkSettings(fleet, procedures)
    let view: Promise<FleetView> | undefined
    const world = agentWorld({
      fleet,
      view: async () => (view ??= reader.look()),
      agent: reader.agent,
      changes: () => noChanges,
    })
    return new Planning({ world, clock: systemClock }, named).plan(procedure, input, signal)
  },
}

const named = (name: string) => {
  const found = procedures.find((each) => each.name === name)
  if (found === undefined) throw new InvalidInput(`there is no procedure ${name}`, '`tiercel procedures` lists them.')
  return found
}

const refuse = (): Promise<never> =>
  Promise.reject(new Refusal('no-controller', 'a plan changes nothing; only a controller has hosts change something'))

const noChanges: Changes = {
  submit: refuse,
  result: refuse,
  cancel: refuse,
  watch: () => ({ [Symbol.asyncIterator]: () => ({ next: refuse }) }),
}
