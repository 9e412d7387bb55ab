import { z } from 'zod'
import type { Boot } from '../../domain/machine.ts'
import { Instant, seconds } from '../../domain/units.ts'
import { CommandFailed, type Exec } from '../system/exec.ts'
import type { ReadProc } from './facts.ts'
import { readNote, writeNote } from './note-file.ts'

/**
 * How a boot ended is known to nobody afterwards: journals need not be kept, wtmp is gone from Debian 13, and ZFS replays
 * its log without a word. So the agent keeps a note. It is written while the machine runs, and closed when the agent is
 * told to end *because the machine goes down* (systemd's state is `stopping` then; the agent's unit ends before D-Bus
 * does). A note of an earlier boot that was never closed is an unclean stop: a power cut, a panic, a reset. A note that
 * was closed while the machine went on says nothing of what came after: unknown, and never clean.
 */
const Note = z.object({
  bootId: z.string().min(1),
  seenAt: Instant,
  state: z.enum(['running', 'went-down', 'agent-stopped']),
  previous: z.object({ id: z.string(), ended: z.enum(['clean', 'unclean', 'unknown']), seenAt: Instant }).nullable(),
})
type Note = z.infer<typeof Note>

export interface BootNotes {
  /** This boot, and how the last one ended; notes that we are here. */
  look(): Promise<Boot>
  /** Closes the note: the agent has been told to end. */
  end(): Promise<void>
}

export function bootNotes(options: {
  /** A folder of our own, on the root disk and not on a managed pool; undefined where no notes are kept. */
  folder: string | undefined
  exec: Exec
  now: () => Instant
  read: ReadProc
}): BootNotes {
  const { folder, exec, now, read } = options
  const bootId = (): string => read('/proc/sys/kernel/random/boot_id').trim()

  const write = async (note: Note): Promise<void> => {
    if (folder !== undefined) await writeNote(folder, noteFile, note)
  }

  // One at a time: a look that is still writing when the agent ends must not write over its last word.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run, run)
    last = turn.catch(() => undefined)
    return turn
  }
  let ended = false

  const look = async (): Promise<Boot> => {
    const id = bootId()
    if (folder === undefined) return { id, previous: null }
    const found = await readNote(folder, noteFile, Note).catch(asNone)
    const previous = previousOf(found, id)
    if (!ended) await write({ bootId: id, seenAt: now(), state: 'running', previous })
    return { id, previous }
  }

  const end = async (): Promise<void> => {
    ended = true
    if (folder === undefined) return
    const id = bootId()
    const found = await readNote(folder, noteFile, Note).catch(asNone)
    const state = (await goesDown(exec)) ? 'went-down' : 'agent-stopped'
    await write({ bootId: id, seenAt: now(), state, previous: previousOf(found, id) })
  }

  return { look: () => inTurn(look), end: () => inTurn(end) }
}

const noteFile = 'boot.json'

/** One that cannot be read tells as much as none: how the last boot ended is unknown. */
const asNone = () => undefined

/** How the boot before this one ended; without a note, nothing is known of it. An agent that starts again in the same boot keeps what it knew. */
export function previousOf(note: Note | undefined, bootId: string): Boot['previous'] {
  if (note === undefined) return null
  if (note.bootId === bootId) return note.previous
  const ended = { running: 'unclean', 'went-down': 'clean', 'agent-stopped': 'unknown' } as const
  return { id: note.bootId, ended: ended[note.state], seenAt: note.seenAt }
}

/** systemctl(1), is-system-running: exits 1 for every state but `running`, and prints the state all the same. */
async function goesDown(exec: Exec): Promise<boolean> {
  try {
    return (await exec('systemctl', ['is-system-running'], { deadline: seconds(3) })).trim() === 'stopping'
  } catch (error) {
    return error instanceof CommandFailed && error.stdout.trim() === 'stopping'
  }
}
