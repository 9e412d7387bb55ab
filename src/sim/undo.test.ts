import { describe, expect, it } from 'vitest'
import { changesBetween, undo } from './undo.ts'

interface Tree {
  size: number
  list: string[]
  parts: Record<string, { well: boolean } | null>
}

const tree = (): Tree => ({ size: 1, list: ['a', 'b'], parts: { one: { well: true }, two: null } })

/** Changes a tree, and puts back what was changed after somebody else has changed it too; the changes as they are stored. */
function undone(change: (tree: Tree) => void, meanwhile: (tree: Tree) => void = () => undefined): Tree {
  const changed = tree()
  change(changed)
  const changes = changesBetween(tree(), changed)
  meanwhile(changed)
  undo(changed, JSON.parse(JSON.stringify(changes)))
  return changed
}

describe('undo', () => {
  it('finds nothing to put back in what is equal', () => {
    expect(changesBetween(tree(), tree())).toEqual([])
  })

  it('puts back values, what was added and what was taken away', () => {
    const seen = undone((changed) => {
      changed.size = 2
      changed.list.push('c')
      changed.parts = { two: { well: false }, three: { well: true } }
    })
    expect(seen).toEqual(tree())
  })

  it('leaves alone what somebody else has changed since', () => {
    const seen = undone(
      (changed) => Object.assign(changed, { size: 2, parts: { one: { well: false }, two: null } }),
      (changed) => {
        changed.size = 3
      },
    )
    expect(seen).toEqual({ ...tree(), size: 3 })
  })

  it('finds what was added to a list that others have added to and taken from', () => {
    const seen = undone(
      (changed) => void changed.list.push('c'),
      (changed) => {
        changed.list = ['b', 'c', 'd']
      },
    )
    expect(seen.list).toEqual(['b', 'd'])
  })

  it('has nothing to do where the place itself is gone', () => {
    const seen = undone(
      (changed) => {
        changed.parts['one'] = { well: false }
      },
      (changed) => {
        changed.parts = {}
      },
    )
    expect(seen.parts).toEqual({})
  })
})
