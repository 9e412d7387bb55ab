import { OpsError } from '../../domain/errors.ts'
import { recordEffect } from '../lookup.ts'
import type { Effect, World } from '../world.ts'
import { kuboMismatch, peersDisagree, pinQueueStuck, storageMaxDefault, versionSkew } from './cluster.ts'
import { allocationBlind, apiExposed, autoGc, defaultTrust, repinEnabled, userNamespaces } from './settings.ts'
import { clusterKilled, kuboKilled, peerIdentityLost, peerMissing, pinErrors } from './daemons.ts'
import { damageUnread, diskErrors, diskRemoved, poolDegraded } from './disks.ts'
import { datasetUnmounted, keyMissing, quotaNear, snapshotsKept } from './datasets.ts'
import type { Fault } from './fault.ts'
import { poolFilling, poolFull } from './filling.ts'
import { diskSlow, smartFailing, smartPending } from './failing-disks.ts'
import {
  clockWrong,
  foreignScheduler,
  foreignScrubber,
  hostIdShared,
  inodesLow,
  memoryLow,
  nextKernelWithoutZfs,
  powerLost,
  serviceStopped,
  zedStopped,
  zfsNotRestarted,
} from './hosts.ts'
import { agentDown, agentStale, declarationDiffers, executorAbsent, zpoolHangs, zpoolNotUnderstood } from './looking.ts'
import { copiesLost, copiesOnOneHost, copyMissing, holderUnknown, kuboShared, poolShared } from './placement.ts'
import { orphanPins, pinsetDiverged, pinsUnpinned } from './pinsets.ts'
import { dataErrors, poolFaulted, poolMissing, poolSuspended } from './pools.ts'
import {
  diskBehind,
  diskReplaced,
  featuresDisabled,
  poolFragmented,
  poolReadonly,
  scrubErrors,
  scrubPaused,
  specialFull,
  undeclaredPool,
} from './pool-care.ts'
import { spareInUse, spareUnusable } from './spares.ts'
import { arcThrash, scrubOverdue } from './upkeep.ts'

/** Every fault that the simulator knows. */
export const faults: readonly Fault[] = [
  poolDegraded,
  poolSuspended,
  poolFaulted,
  poolMissing,
  dataErrors,
  poolFilling,
  poolFull,
  datasetUnmounted,
  keyMissing,
  quotaNear,
  snapshotsKept,
  diskRemoved,
  diskErrors,
  damageUnread,
  smartFailing,
  smartPending,
  diskSlow,
  spareInUse,
  spareUnusable,
  scrubOverdue,
  scrubPaused,
  scrubErrors,
  diskBehind,
  diskReplaced,
  poolFragmented,
  poolReadonly,
  specialFull,
  undeclaredPool,
  featuresDisabled,
  inodesLow,
  arcThrash,
  clusterKilled,
  peerMissing,
  peerIdentityLost,
  kuboKilled,
  pinErrors,
  pinsUnpinned,
  orphanPins,
  pinsetDiverged,
  kuboMismatch,
  peersDisagree,
  pinQueueStuck,
  storageMaxDefault,
  versionSkew,
  allocationBlind,
  autoGc,
  repinEnabled,
  defaultTrust,
  apiExposed,
  userNamespaces,
  zpoolHangs,
  zpoolNotUnderstood,
  executorAbsent,
  agentDown,
  agentStale,
  declarationDiffers,
  clockWrong,
  memoryLow,
  zfsNotRestarted,
  nextKernelWithoutZfs,
  hostIdShared,
  foreignScheduler,
  foreignScrubber,
  serviceStopped,
  zedStopped,
  powerLost,
  copyMissing,
  copiesLost,
  copiesOnOneHost,
  holderUnknown,
  poolShared,
  kuboShared,
]

/** A fault that does not exist was asked for. The message names those that do. */
export class UnknownFault extends OpsError {
  readonly remedy = 'stop'
}

export function faultNamed(name: string): Fault {
  const fault = faults.find((candidate) => candidate.name === name)
  if (fault === undefined) {
    throw new UnknownFault(`unknown fault ${name}; allowed: ${faults.map((known) => known.name).join(', ')}`)
  }
  return fault
}

/** Applies a fault. One that is applied already is left as it is: no effect, undefined. */
export function applyFault(world: World, name: string): Effect | undefined {
  const fault = faultNamed(name)
  if (world.faults.includes(name)) return undefined
  fault.apply(world)
  world.faults.push(name)
  return recordEffect(world, 'fault applied', name)
}

/** Mends a fault. One that is not applied stays so: no effect, undefined. */
export function mendFault(world: World, name: string): Effect | undefined {
  const fault = faultNamed(name)
  if (!world.faults.includes(name)) return undefined
  fault.mend(world)
  world.faults = world.faults.filter((applied) => applied !== name)
  return recordEffect(world, 'fault mended', name)
}
