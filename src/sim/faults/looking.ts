import { seconds } from '../../domain/units.ts'
import { hostOf, storeAt } from '../lookup.ts'
import { type NewFault, set } from './fault.ts'

/** Where it cannot be looked, or where two say different things. */
export const lookingFaults: readonly NewFault[] = [
  {
    name: 'zpool-hangs',
    title: 'Every zpool and zfs on n2 hangs in the kernel and cannot be killed',
    expects: [{ code: 'PROBE_STUCK', subject: 'n2' }],
    apply: (world) => set(hostOf(world, 'n2').zfs, { programs: 'hang' }),
  },
  {
    name: 'zpool-not-understood',
    title: 'zpool status on n3 prints something that nobody has seen before',
    expects: [{ code: 'PROBE_FAILED', subject: 'n3' }],
    apply: (world) => set(hostOf(world, 'n3').zfs, { programs: 'babble' }),
  },
  {
    name: 'executor-absent',
    title: 'The root helper of n1 does not run',
    expects: [{ code: 'PROBE_NOT_PERMITTED', subject: 'n1' }],
    apply: (world) => set(hostOf(world, 'n1'), { executor: false }),
  },
  {
    name: 'agent-down',
    title: 'The agent of n2 does not answer',
    expects: [{ code: 'AGENT_UNREACHABLE', subject: 'n2' }],
    apply: (world) => set(hostOf(world, 'n2'), { agent: 'down' }),
  },
  {
    name: 'agent-stale',
    title: 'The agent of n3 answers, but its probes have stopped',
    expects: ['n3', 'n3/hot', 'n3/warm', 'n3/cold'].map((subject) => ({ code: 'OBSERVATION_STALE', subject })),
    // Longer than any probe's period and deadline together.
    settlesAfter: seconds(600),
    apply: (world) => set(hostOf(world, 'n3'), { agent: 'stale' }),
  },
  {
    name: 'declaration-differs',
    title: 'n3 itself says that its store cold belongs to the tier warm',
    expects: [{ code: 'DECLARATION_MISMATCH', subject: 'n3/cold' }],
    apply: (world) => set(storeAt(world, 'n3/cold'), { localTier: 'warm' }),
  },
]
