import { z } from 'zod'
import { PoolName } from '../domain/fleet.ts'
import { doesItsWork } from '../domain/pool-status.ts'
import type { Subject } from '../domain/subject.ts'
import type { Guard } from './operation.ts'
import type { Scope } from './scope.ts'

/** A guid, as zpool and zfs print it. */
export const Guid = z.string().regex(/^\d{1,20}$/, 'a guid is decimal, as zpool get prints it')

/** A pool as an operation names it: the guid is checked right before acting, so that a pool that was made anew is not meant. */
export const poolTarget = { pool: PoolName, guid: Guid }

interface PoolTarget {
  pool: string
  guid: string
}

export const poolScopes = ({ pool }: PoolTarget): Scope[] => [{ kind: 'pool', name: pool }]
export const poolSubjects = ({ pool }: PoolTarget): Subject[] => [`pool:${pool}`]

/** Why nothing is to be run on a pool in this state; undefined where programs answer. */
export function objectionToState(pool: string, state: string | undefined): string | undefined {
  if (state === undefined) return `no pool ${pool} is imported here`
  return doesItsWork(state) ? undefined : `${pool} is ${state}: a command could hang`
}

/** The pool is the one that is meant, and can be scrubbed. */
export const scrubbablePool: Guard<PoolTarget> = {
  pools: ({ pool }) => [pool],
  objectionTo: objectionToState,
  looks: ({ pool }) => [
    { file: 'zpool', args: ['get', '-H', '-p', '-o', 'property,value', 'guid,health,readonly', pool] },
  ],
  objection: ({ pool, guid }, [stdout = '']) => {
    const values = new Map(
      stdout.split('\n').flatMap((line): [string, string][] => {
        const [property, value, ...more] = line.split('\t')
        return property === undefined || value === undefined || more.length > 0 ? [] : [[property, value]]
      }),
    )
    const [found, health, readonly] = [values.get('guid'), values.get('health'), values.get('readonly')]
    if (found === undefined || health === undefined || readonly === undefined) {
      return `zpool get says something of ${pool} that is not understood: ${stdout.slice(0, 500)}`
    }
    if (found !== guid) return `the pool ${pool} has the guid ${found}, and ${guid} is meant: it was made anew`
    if (!doesItsWork(health)) return `${pool} is ${health}: a scrub could hang`
    if (readonly !== 'off') return `${pool} is imported read-only: a scrub would hang (readonly=${readonly})`
    return undefined
  },
}
