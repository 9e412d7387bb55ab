import { checksOff } from './checks-off.ts'
import { crash } from './crash.ts'
import { crashLab } from './crash-lab.ts'
import { diverged } from './diverged.ts'
import { engine } from './engine.ts'
import { manyAgents } from './many-agents.ts'
import { okToStop } from './ok-to-stop.ts'
import { simulatedPins } from './simulated-pins.ts'
import type { Proof } from './proof.ts'

/** Every proof, in the order in which CI runs its share of them. */
export const proofs: readonly Proof[] = [
  checksOff,
  crash,
  crashLab,
  diverged,
  engine,
  manyAgents,
  okToStop,
  simulatedPins,
]
