import { openAgentBench } from './agent-bench.ts'
import { changesContract } from './changes.contract.ts'

changesContract('an agent over its socket', () => openAgentBench())
