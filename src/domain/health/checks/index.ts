import { allocationBlind } from './allocation-blind.ts'
import { apiExposed } from './api-exposed.ts'
import { autoGcEnabled } from './auto-gc-enabled.ts'
import { defaultTrust } from './default-trust.ts'
import { repinEnabled } from './repin-enabled.ts'
import { agentUnreachable } from './agent-unreachable.ts'
import { arcHitRatioLow } from './arc-hit-ratio-low.ts'
import type { Check } from '../check.ts'
import { clockSkew } from './clock-skew.ts'
import { clusterUnreachable } from './cluster-unreachable.ts'
import { declarationMismatch } from './declaration-mismatch.ts'
import { diskErrors } from './disk-errors.ts'
import { diskFaulted } from './disk-faulted.ts'
import { diskRemoved } from './disk-removed.ts'
import { diskSlow } from './disk-slow.ts'
import { diskSmart } from './disk-smart.ts'
import { foreignScheduler } from './foreign-scheduler.ts'
import { hostMemoryLow } from './host-memory-low.ts'
import { knownBug } from './known-bug.ts'
import { kuboPeerMismatch } from './kubo-peer-mismatch.ts'
import { hostidMissingOrShared } from './hostid-missing-or-shared.ts'
import { kuboUnreachable } from './kubo-unreachable.ts'
import { nextKernelWithoutZfs } from './next-kernel-without-zfs.ts'
import { observationStale } from './observation-stale.ts'
import { peerMissing } from './peer-missing.ts'
import { peersDisagree } from './peers-disagree.ts'
import { orphanPins } from './orphan-pins.ts'
import { pinErrors } from './pin-errors.ts'
import { pinQueueStuck } from './pin-queue-stuck.ts'
import { allocationsToUnknownPeer } from './allocations-to-unknown-peer.ts'
import { pinsOnOneHost } from './pins-on-one-host.ts'
import { pinsUnderReplicated } from './pins-under-replicated.ts'
import { pinsWithoutCompleteCopy } from './pins-without-complete-copy.ts'
import { sharedKubo } from './shared-kubo.ts'
import { sharedPool } from './shared-pool.ts'
import { pinsetDiverged } from './pinset-diverged.ts'
import { pinsUnexpectedlyUnpinned } from './pins-unexpectedly-unpinned.ts'
import { poolDataErrors } from './pool-data-errors.ts'
import { poolDegraded } from './pool-degraded.ts'
import { poolFaulted } from './pool-faulted.ts'
import { poolMissing } from './pool-missing.ts'
import { poolNearlyFull } from './pool-nearly-full.ts'
import { poolSuspended } from './pool-suspended.ts'
import { probeFailed } from './probe-failed.ts'
import { probeNotPermitted } from './probe-not-permitted.ts'
import { probeStuck } from './probe-stuck.ts'
import { scrubOverdue } from './scrub-overdue.ts'
import { serviceNotRunning } from './service-not-running.ts'
import { spareInUse } from './spare-in-use.ts'
import { spareUnusable } from './spare-unusable.ts'
import { uncleanStop } from './unclean-stop.ts'
import { zedNotRunning } from './zed-not-running.ts'
import { zfsModuleMismatch } from './zfs-module-mismatch.ts'
import { storageMaxMisleading } from './storage-max-misleading.ts'
import { versionSkew } from './version-skew.ts'
import { poolStatusReason } from './pool-status-reason.ts'
import { poolFeaturesDisabled } from './pool-features-disabled.ts'
import { poolFragmented } from './pool-fragmented.ts'
import { poolReadonly } from './pool-readonly.ts'
import { redundancyLow } from './redundancy-low.ts'
import { resilverRunning } from './resilver-running.ts'
import { scrubErrors } from './scrub-errors.ts'
import { undeclaredPool } from './undeclared-pool.ts'
import { datasetNotMounted } from './dataset-not-mounted.ts'
import { datasetQuotaNear } from './dataset-quota-near.ts'
import { keyNotLoaded } from './key-not-loaded.ts'
import { snapshotSpaceHigh } from './snapshot-space-high.ts'
import { inodesLow } from './inodes-low.ts'
import { specialNearlyFull } from './special-nearly-full.ts'

/** Every check, in the order of the reference: looking itself, pools, disks, care, then Cluster and Kubo. */
export const checks: readonly Check[] = [
  agentUnreachable,
  observationStale,
  probeStuck,
  probeNotPermitted,
  probeFailed,
  declarationMismatch,
  clockSkew,
  hostMemoryLow,
  uncleanStop,
  serviceNotRunning,
  zedNotRunning,
  zfsModuleMismatch,
  nextKernelWithoutZfs,
  hostidMissingOrShared,
  foreignScheduler,
  poolMissing,
  poolSuspended,
  poolFaulted,
  poolDegraded,
  redundancyLow,
  resilverRunning,
  poolReadonly,
  poolDataErrors,
  poolNearlyFull,
  poolFragmented,
  specialNearlyFull,
  datasetNotMounted,
  keyNotLoaded,
  datasetQuotaNear,
  snapshotSpaceHigh,
  inodesLow,
  diskFaulted,
  diskRemoved,
  diskErrors,
  diskSmart,
  diskSlow,
  spareInUse,
  spareUnusable,
  scrubOverdue,
  scrubErrors,
  undeclaredPool,
  poolFeaturesDisabled,
  poolStatusReason,
  arcHitRatioLow,
  clusterUnreachable,
  peerMissing,
  peersDisagree,
  kuboUnreachable,
  kuboPeerMismatch,
  pinErrors,
  pinsUnexpectedlyUnpinned,
  orphanPins,
  pinsetDiverged,
  pinQueueStuck,
  storageMaxMisleading,
  allocationBlind,
  autoGcEnabled,
  repinEnabled,
  defaultTrust,
  apiExposed,
  versionSkew,
  pinsUnderReplicated,
  pinsWithoutCompleteCopy,
  pinsOnOneHost,
  allocationsToUnknownPeer,
  sharedPool,
  sharedKubo,
  knownBug,
]
