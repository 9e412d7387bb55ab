import { changeHostKey, killAgent, removeExecutor } from './faults/agent-faults.ts'
import { corruptMirror, pullDisk, suspendPool } from './faults/disk-faults.ts'
import type { Fault } from './faults/fault.ts'
import { killCluster, killKubo, pinUnfetchable } from './faults/peer-faults.ts'
import { fillStore } from './faults/store-faults.ts'

/** Every fault that the lab can make, by the name that code uses. */
export const faults = {
  killKubo,
  killCluster,
  pinUnfetchable,
  pullDisk,
  corruptMirror,
  suspendPool,
  fillStore,
  killAgent,
  removeExecutor,
  changeHostKey,
} as const satisfies Record<string, Fault>
