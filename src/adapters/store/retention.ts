import { type Kysely, sql } from 'kysely'
import { CommandRecord } from '../../domain/operation.ts'
import type { Retention, Staying } from '../../domain/ports/retention.ts'
import { isOver, RunState } from '../../domain/run.ts'
import { readJson } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** In one transaction: a fleet-wide run alone may have thousands of parts. */
const runsAtOnce = 5
const transcriptsAtOnce = 50

/** A bound of parameters of one statement, for both databases. */
const idsAtOnce = 1000

const over = RunState.options.filter(isOver)

export function retention(db: Kysely<Schema>): Retention {
  const roots = () => db.selectFrom('runs').where('parent', 'is', null)
  /** Whole runs that can go: over with all their parts, and nothing of them stays. */
  const going = (staying: Staying) =>
    roots()
      .where('state', 'in', over)
      .where((is) =>
        is.not(
          is.exists(
            is
              .selectFrom('runs as part')
              .select('part.id')
              .whereRef('part.parent', '=', 'runs.id')
              .where('part.state', 'not in', over),
          ),
        ),
      )
      // Neither database takes an empty list.
      .$if(staying.length > 0, (query) =>
        query.where((is) => is.or([is('state', '<>', 'succeeded'), is('procedure', 'not in', staying)])),
      )
  const countOf = async (query: ReturnType<typeof roots>): Promise<number> =>
    (await query.select(sql<number>`count(*)`.as('count')).executeTakeFirstOrThrow()).count

  return {
    async forgetRuns({ before, most }, staying) {
      const oldest = (limit: number) => going(staying).select('id').orderBy('id').limit(limit)
      let found = await oldest(runsAtOnce).where('updated_at', '<', before).execute()
      if (found.length < runsAtOnce) {
        const tooMany = Math.min(Math.max((await countOf(going(staying))) - most, 0), runsAtOnce)
        if (tooMany > found.length) found = await oldest(tooMany).execute()
      }
      for (const { id } of found) await forget(db, id)
      return found.length
    },
    async keptRuns(staying) {
      return (await countOf(roots())) - (await countOf(going(staying)))
    },
    async forgetTranscripts({ before, most }) {
      const { bytes } = await db
        .selectFrom('transcript_sizes')
        .select(sql<number>`coalesce(cast(sum(bytes) as bigint), 0)`.as('bytes'))
        .executeTakeFirstOrThrow()
      const until = bytes > most ? Number.MAX_SAFE_INTEGER : before
      const found = await db
        .selectFrom('transcript_sizes')
        .innerJoin('runs', 'runs.id', 'transcript_sizes.run')
        .leftJoin('runs as whole', 'whole.id', 'runs.parent')
        .select(['runs.id', 'transcript_sizes.bytes'])
        .where('transcript_sizes.bytes', '>', 0)
        .where('runs.state', 'in', over)
        .where((is) => is.or([is('whole.id', 'is', null), is('whole.state', 'in', over)]))
        .where('runs.updated_at', '<', until)
        .orderBy('runs.id')
        .limit(transcriptsAtOnce)
        .execute()
      let left = bytes
      let forgotten = 0
      for (const transcript of found) {
        // Those that are only too many: no more than that.
        if (bytes > most && left <= most) break
        await forgetTranscript(db, transcript.id)
        left -= transcript.bytes
        forgotten += 1
      }
      return forgotten
    },
  }
}

/** With all that hangs on it, the parts before the whole. */
async function forget(db: Kysely<Schema>, root: string): Promise<void> {
  const parts = await db.selectFrom('runs').select('id').where('parent', '=', root).execute()
  const ids = [...parts.map(({ id }) => id), root]
  for (let from = 0; from < ids.length; from += idsAtOnce) {
    const some = ids.slice(from, from + idsAtOnce)
    for (const table of [
      'run_events',
      'run_plans',
      'transcript',
      'transcript_sizes',
      'first_words',
      'locks',
    ] as const) {
      await db.deleteFrom(table).where('run', 'in', some).execute()
    }
    await db.deleteFrom('runs').where('id', 'in', some).execute()
  }
}

async function forgetTranscript(db: Kysely<Schema>, run: string): Promise<void> {
  const last = await db
    .selectFrom('transcript')
    .select(['sequence', 'body'])
    .where('run', '=', run)
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last !== undefined) {
    const stderr = `[of this transcript, ${last.sequence} commands with their output are not kept any more]`
    const body = JSON.stringify({ ...CommandRecord.parse(readJson(last.body)), stdout: '', stderr })
    await db.deleteFrom('transcript').where('run', '=', run).where('sequence', '<', last.sequence).execute()
    await db.updateTable('transcript').set({ body }).where('run', '=', run).execute()
  }
  await db.updateTable('transcript_sizes').set({ bytes: 0 }).where('run', '=', run).execute()
}
