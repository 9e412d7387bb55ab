import { changeHostKey, killAgent, removeExecutor } from './faults/agent-faults.ts'
import { loseBlock } from './faults/block-faults.ts'
import { damageBlock, raidzErrors } from './faults/data-faults.ts'
import { corruptMirror, pullDisk, suspendPool } from './faults/disk-faults.ts'
import type { Fault } from './faults/fault.ts'
import { moveClock, unmountStore } from './faults/host-faults.ts'
import { killCluster, killKubo, pinUnfetchable, splitPeer } from './faults/peer-faults.ts'
import { spareTakesOver } from './faults/spare-faults.ts'
import { fillStore } from './faults/store-faults.ts'

/** Every fault that the lab can make, by the name that code uses. */
export const faults = {
  killKubo,
  killCluster,
  pinUnfetchable,
  splitPeer,
  loseBlock,
  pullDisk,
  corruptMirror,
  suspendPool,
  damageBlock,
  raidzErrors,
  spareTakesOver,
  unmountStore,
  moveClock,
  fillStore,
  killAgent,
  removeExecutor,
  changeHostKey,
} as const satisfies Record<string, Fault>
