import { z } from 'zod'

/** The levels by which copies are counted; `read` counts as complete. */
export const countedLevels = ['allocated', 'pinned', 'complete'] as const

/** What can be true of one pin at one level. A copy is a place with a copy: two peers of one host are one. */
export const levelFacts = [
  'belowMinimum', // has fewer copies than its replication-min
  'oneCopy', // has one
  'noCopy', // has none
  'fallsBelowMinimum', // has its replication-min now, and would not have it
  'fallsToOne', // has several now, and would have one
  'fallsToNone', // has one or more now, and would have none
  'fallsShort', // would lose one, and have fewer than are to be kept
] as const
export type LevelFact = (typeof levelFacts)[number]

/** What can be true of one pin, whatever the level. */
export const pinFacts = [
  'touched', // the pinset gives it to one of the peers that would be missing
  'tooFewHolders', // fewer of its holders have it pinned than its replication-min; for −1, fewer than all peers
  'onOneHost', // has holders enough, on fewer hosts than its replication-min
  'unknownHolder', // the pinset gives it to a peer that the fleet does not know
] as const

const count = z.int().nonnegative()

/** How many pins something is true of. The two differ where it is not known of some. */
export const Figure = z.object({
  atLeast: count,
  atMost: count,
  /** CIDs of a few of them, where some are known by name. */
  examples: z.array(z.string()),
})
export type Figure = z.infer<typeof Figure>

const LevelFigures = z.record(z.enum(levelFacts), Figure)

/** How the pins of one pinset stand, and how they would without some peers. */
export const Assessment = z.object({
  pins: count,
  ofPin: z.record(z.enum(pinFacts), Figure),
  levels: z.object({ allocated: LevelFigures, pinned: LevelFigures, complete: LevelFigures }),
})
export type Assessment = z.infer<typeof Assessment>

/** How many examples a figure has at most. */
export const maxFigureExamples = 5
