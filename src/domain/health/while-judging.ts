/** Counts the views that were judged; 0 while none is. */
let judging = 0
let judged = 0

/**
 * Some sixty checks ask the same of each host: its stores, its pools. While `run` judges a view, each is worked out once;
 * afterwards nothing is kept, so that a view that is changed and judged again is judged as it is then.
 */
export function whileJudging<T>(run: () => T): T {
  if (judging !== 0) return run()
  judged += 1
  judging = judged
  try {
    return run()
  } finally {
    judging = 0
  }
}

/** `make`, which while a view is judged gives everybody the same list for the same object. That list cannot be changed. */
export function madeOnce<Of extends object, T>(make: (of: Of) => T[]): (of: Of) => T[] {
  let lists = new WeakMap<Of, T[]>()
  let madeFor = 0
  return (of) => {
    if (judging === 0) return make(of)
    if (madeFor !== judging) {
      lists = new WeakMap()
      madeFor = judging
    }
    const known = lists.get(of)
    if (known !== undefined) return known
    const made = make(of)
    Object.freeze(made)
    lists.set(of, made)
    return made
  }
}
