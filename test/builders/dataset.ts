import { Dataset } from '../../src/domain/dataset.ts'

/** A file system that is well. */
export const dataset = (name: string, row: Partial<Record<keyof Dataset, unknown>> = {}): Dataset =>
  Dataset.parse({
    name,
    guid: '2',
    type: 'filesystem',
    used: 4e11,
    available: 6e11,
    referenced: 4e11,
    usedBySnapshots: 0,
    quota: null,
    refquota: null,
    mountpoint: `/${name}`,
    mounted: true,
    canmount: 'on',
    keyStatus: null,
    encryptionRoot: null,
    ...row,
  })
