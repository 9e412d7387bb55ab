import { LabError } from './errors.ts'
import type { Fault, FaultTarget } from './faults/fault.ts'
import { faults } from './faults.ts'
import { Lab } from './open-lab.ts'
import type { LabPaths } from './paths.ts'

const list: readonly Fault[] = Object.values(faults)

/** `lab fault list`, `lab fault NAME TARGET...`: makes or mends one fault. Gives the exit status. */
export async function runFault(
  paths: LabPaths,
  [name, ...words]: readonly string[],
  say: (line: string) => void,
): Promise<number> {
  if (name === undefined || name === 'list') {
    for (const fault of list) console.log(`${usage(fault).padEnd(34)} ${fault.mendName.padEnd(18)} ${fault.title}`)
    return 0
  }
  const fault = list.find((each) => each.name === name || each.mendName === name)
  if (fault === undefined) throw new LabError(`no fault ${name}; "npm run lab -- fault list" shows all`)
  const target = parseTarget(fault, words)
  const lab = new Lab(paths)
  const start = Date.now()
  if (name === fault.name) await fault.break(lab, target)
  else await fault.mend(lab, target)
  say(`${name} ${words.join(' ')}: done (${((Date.now() - start) / 1000).toFixed(1)} s)`)
  return 0
}

/** Reads the words after a fault's name, in the order in which it takes them. */
export function parseTarget(fault: Pick<Fault, 'name' | 'takes'>, words: readonly string[]): FaultTarget {
  if (words.length > fault.takes.length) throw new LabError(`too many words; it is: ${usage(fault)}`)
  const given = Object.fromEntries(fault.takes.slice(0, words.length).map((key, index) => [key, words[index]]))
  const first = fault.takes[0]
  if (first !== undefined && given[first] === undefined) throw new LabError(`it is: ${usage(fault)}`)
  const peer = given['peer'] === undefined ? undefined : Number(given['peer'])
  const share = given['share'] === undefined ? undefined : Number(given['share'])
  if (peer !== undefined && !Number.isInteger(peer)) throw new LabError(`PEER is a number, not ${given['peer']}`)
  if (share !== undefined && !(share > 0 && share < 1)) {
    throw new LabError(`SHARE is between 0 and 1, not ${given['share']}`)
  }
  return {
    ...(peer === undefined ? {} : { peer }),
    ...(share === undefined ? {} : { share }),
    ...(given['guest'] === undefined ? {} : { guest: given['guest'] }),
    ...(given['pool'] === undefined ? {} : { pool: given['pool'] }),
  }
}

/** The first target is needed, later ones have usual values. */
function usage({ name, takes }: Pick<Fault, 'name' | 'takes'>): string {
  return [name, ...takes.map((key, index) => (index === 0 ? key.toUpperCase() : `[${key.toUpperCase()}]`))].join(' ')
}
