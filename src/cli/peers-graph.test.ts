import { expect, test } from 'vitest'
import { bench, peerIdOf } from '../../test/builders/fleet-view.ts'
import { trouble } from '../../test/builders/readings.ts'
import { clusterGraphs, type ClusterGraph } from '../domain/cluster-graph.ts'
import { dotOf, textOf } from './peers-graph.ts'

const only = (graphs: ClusterGraph[]): ClusterGraph => {
  const [graph] = graphs
  if (graph === undefined || graphs.length > 1) throw new Error('one cluster is expected')
  return graph
}

test('few peers are a matrix of who sees whom, with trust and Kubo', () => {
  const { view, n1 } = bench()
  Object.assign(n1.store.peer.last?.value ?? {}, { sees: [n1.peerId] })
  Object.assign(n1.store.clusterSettings.last?.value ?? {}, { trustedPeers: ['*'] })
  expect(textOf(only(clusterGraphs(view)), 100)).toEqual([
    'Cluster main: 2 peers, 2 of them could be asked',
    '           1  2  trusts     Kubo',
    '  n1/hot   ·  -  everybody  k-n1',
    '  n2/hot   x  ·  2 peers    k-n2',
    '  x sees, - does not see, ? could not be asked; columns in the order of rows',
    '',
  ])
})

test('a peer that cannot be asked, and one on a silent host, keep their rows', () => {
  const { view, n1 } = bench()
  n1.store.peer.trouble = trouble('unreachable')
  const [, second] = view.hosts
  if (second !== undefined) second.contact = { state: 'unreachable', error: 'refused', at: view.at }
  const rows = textOf(only(clusterGraphs(view)), 100)
  expect(rows).toContain('  n1/hot   ·  ?  2 peers    not known')
  expect(rows).toContain('  n2/hot   ?  ·  not known  not known')
})

test('a peer that nobody has declared is told apart', () => {
  const { view, n1 } = bench()
  n1.store.peer.last?.value.sees.push(peerIdOf(9))
  expect(textOf(only(clusterGraphs(view)), 100)).toContain(
    `  ${peerIdOf(9)} is seen by 1, and is not a peer of this fleet`,
  )
})

/** A cluster of many, in which the first does not see the last two. */
function many(count: number): ClusterGraph {
  const names = Array.from({ length: count }, (_, index) => `host-${index + 1}/hot`)
  const lost = names.slice(-2)
  return {
    cluster: 'main',
    peers: names.map((name, index) => {
      const missing = index === 0 ? lost : []
      const sees = names.filter((other) => !missing.includes(other))
      return { name, id: name, kubo: `k${index}`, sees, missing, strangers: [], trusts: names }
    }),
  }
}

test('of 200 peers, those that differ are told, in few lines that fit the screen', () => {
  const lines = textOf(many(200), 100)
  expect(lines).toEqual([
    'Cluster main: 200 peers, 200 of them could be asked',
    '  199 see all 200',
    '  1 do not see 2 of them:',
    '    who: host-1/hot',
    '    not seen: host-199/hot, host-200/hot',
    '  trust: 200 peers (200)',
    '',
  ])
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100)
})

test('Graphviz gets one edge for both ways, and a red one for a single way', () => {
  const { view, n1 } = bench()
  expect(dotOf(only(clusterGraphs(view)))).toEqual([
    'digraph "main" {',
    '  "n1/hot" [label="n1/hot / Kubo k-n1"];',
    '  "n2/hot" [label="n2/hot / Kubo k-n2"];',
    '  "n1/hot" -> "n2/hot" [dir=both];',
    '}',
  ])
  Object.assign(n1.store.peer.last?.value ?? {}, { sees: [n1.peerId] })
  expect(dotOf(only(clusterGraphs(view)))).toContain('  "n2/hot" -> "n1/hot" [color=red];')
})
