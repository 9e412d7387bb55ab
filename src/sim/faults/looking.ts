import { seconds } from '../../domain/units.ts'
import { hostOf, storeOf } from '../lookup.ts'
import type { SimHostState, World } from '../world.ts'
import type { Fault } from './fault.ts'

const hostFault = (
  fault: Pick<Fault, 'name' | 'title'> & { code: string; host: string },
  change: (host: SimHostState, world: World) => void,
  undo: (host: SimHostState, world: World) => void,
): Fault => ({
  name: fault.name,
  title: fault.title,
  expects: [{ code: fault.code, subject: fault.host }],
  settlesAfter: seconds(0),
  apply: (world) => change(hostOf(world, fault.host), world),
  mend: (world) => undo(hostOf(world, fault.host), world),
})

const programsAnswer = (host: SimHostState): void => {
  host.zfs.programs = 'answer'
}

export const zpoolHangs = hostFault(
  {
    name: 'zpool-hangs',
    title: 'Every zpool and zfs on n2 hangs in the kernel and cannot be killed',
    code: 'PROBE_STUCK',
    host: 'n2',
  },
  (host) => {
    host.zfs.programs = 'hang'
  },
  programsAnswer,
)

export const zpoolNotUnderstood = hostFault(
  {
    name: 'zpool-not-understood',
    title: 'zpool status on n3 prints something that nobody has seen before',
    code: 'PROBE_FAILED',
    host: 'n3',
  },
  (host) => {
    host.zfs.programs = 'babble'
  },
  programsAnswer,
)

export const executorAbsent = hostFault(
  {
    name: 'executor-absent',
    title: 'The root helper of n1 does not run',
    code: 'PROBE_NOT_PERMITTED',
    host: 'n1',
  },
  (host) => {
    host.executor = false
  },
  (host) => {
    host.executor = true
  },
)

const setAgent =
  (agent: SimHostState['agent']) =>
  (host: SimHostState, world: World): void => {
    host.agent = agent
    host.agentSince = world.now
  }

export const agentDown = hostFault(
  { name: 'agent-down', title: 'The agent of n2 does not answer', code: 'AGENT_UNREACHABLE', host: 'n2' },
  setAgent('down'),
  setAgent('up'),
)

export const agentStale: Fault = {
  ...hostFault(
    {
      name: 'agent-stale',
      title: 'The agent of n3 answers, but its probes have stopped',
      code: 'OBSERVATION_STALE',
      host: 'n3',
    },
    setAgent('stale'),
    setAgent('up'),
  ),
  expects: ['n3', 'n3/hot', 'n3/warm', 'n3/cold'].map((subject) => ({ code: 'OBSERVATION_STALE', subject })),
  // Longer than any probe's period and deadline together.
  settlesAfter: seconds(600),
}

export const declarationDiffers: Fault = {
  name: 'declaration-differs',
  title: 'n3 itself says that its store cold belongs to the tier warm',
  expects: [{ code: 'DECLARATION_MISMATCH', subject: 'n3/cold' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    storeOf(hostOf(world, 'n3'), 'cold').localTier = 'warm'
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n3'), 'cold').localTier = null
  },
}
