import type { Mute, MuteBook, MuteChange } from '../health/mute.ts'

/** Where the mutes of one fleet are kept. Each change is whole: nothing that another writer has done is lost. */
export interface Mutes {
  read(): Promise<MuteBook>
  /** Keeps a mute, and gives it its id. */
  add(mute: Omit<Mute, 'id'>): Promise<Mute>
  /** What concerns a mute that has ended meanwhile is left aside. */
  record(changes: readonly MuteChange[]): Promise<MuteBook>
}
