import type { SmartReport } from '../../domain/smart.ts'

/**
 * What ATA attributes are called, by what they mean. A number alone means nothing: makers use 198 for all that was read,
 * 199 for all that was written. Names as in drivedb.h of smartmontools (branch 7.5, commit f1d0da9c) and the default names of
 * atacmds.cpp; what has another name is not counted.
 */
type Counted = Extract<keyof SmartReport, 'reallocated' | 'reported' | 'pending' | 'uncorrectable' | 'crc'>

export const attributeNames: Readonly<Record<Counted, { id: number; called: RegExp }>> = {
  // Nearly every name of 5 means blocks that were given up.
  reallocated: { id: 5, called: /^(?!Retried_Blk_Ct$|Not_In_Use$|Unknown_)/ },
  reported: {
    id: 187,
    called: /^(?:Reported_(?:Uncorrect|Uncorr_Errors|UE_Counts)|Uncorrectable_(?:Error_Cnt|ECC_Ct))$/,
  },
  pending: {
    id: 197,
    called: /^(?:Current_Pending_(?:Sector|ECC_Cnt)|Pending_Sector_Count|Total_Pending_Sectors)$/,
  },
  uncorrectable: {
    id: 198,
    called: /^(?:Offline_Uncorrectable|Offline_Scan_UNC_SectCt|Offline_UErr_Media_Scan|Total_Offl_Uncorrectabl)$/,
  },
  crc: { id: 199, called: /^(?:(?:UDMA|SATA)_)?(?:FIS_)?CRC_Error(?:s|_Count)?$/ },
}

/**
 * Attributes whose normalised value is what is left of the promised life, in percent: those that ataprint.cpp of
 * smartmontools 7.5 takes, and the other names of drivedb.h that say it.
 */
export const lifeLeft =
  /^(?:SSD_Life_Left|Wear_Leveling|Lifetime_Left$|Media_Wearout_Indicator$|(?:Percent|Perc_Rated|PCT)_Life(?:time)?_(?:Remain|Used)|SSD_Remaining_Life|Remaining_Life|Lifetime_Remaining|Drive_?Life_(?:Remaining|Used))/
