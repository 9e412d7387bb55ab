import { Command } from 'commander'
import { type ClusterGraph, clusterGraphs } from '../domain/cluster-graph.ts'
import { controllerOption } from './find-controller.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { lookOnce, tellSilent } from './noun-command.ts'
import { printable, printableJson, type Terminal, wrap } from './terminal.ts'

/** With more peers, a matrix is wider than a screen; what differs from the rest is then listed. */
const maxInMatrix = 12

interface GraphOptions extends FleetOption {
  json?: true
  dot?: true
}

/** `tiercel peers graph`: who sees whom, whom each peer trusts, and which Kubo stands behind it. */
export function peersGraphCommand(terminal: Terminal): Command {
  return new Command('graph')
    .description('Show which peers see each other, whom they trust, and the Kubo behind each')
    .addOption(fleetOption())
    .addOption(controllerOption())
    .option('--json', 'as JSON')
    .option('--dot', 'as a graph for Graphviz')
    .addHelpText(
      'after',
      '\nExamples:\n  tiercel peers graph\n  tiercel peers graph --dot | dot -Tsvg > peers.svg\n\nEach peer is asked for itself (GET /id): what it does not see is missing in its row.',
    )
    .action(async (options: GraphOptions) => {
      const view = await lookOnce(options, terminal)
      const graphs = clusterGraphs(view)
      if (options.json === true) {
        terminal.write(printableJson(JSON.stringify(graphs, undefined, 2)))
      } else {
        const lines = graphs.flatMap((graph) => (options.dot === true ? dotOf(graph) : textOf(graph, terminal.columns)))
        if (lines.length === 0) terminal.error('tiercel: no Cluster peer is declared')
        for (const line of lines) terminal.write(line)
      }
      process.exitCode = tellSilent(view, terminal)
    })
}

/** For people: a matrix of few peers; of many, those that see what the others do not. */
export function textOf(graph: ClusterGraph, columns: number): string[] {
  const { cluster, peers } = graph
  const width = Math.max(0, ...peers.map(({ name }) => name.length))
  const answering = peers.filter(({ sees }) => sees !== null).length
  const shown = peers.length <= maxInMatrix ? matrixOf(graph, width) : differencesOf(graph, columns)
  return [
    `Cluster ${printable(cluster)}: ${peers.length} ${peers.length === 1 ? 'peer' : 'peers'}, ${answering} of them could be asked`,
    ...shown.map((line) => (line === '' ? line : `  ${line}`)),
    '',
  ]
}

function matrixOf({ peers }: ClusterGraph, width: number): string[] {
  const kubos = peers.map(({ kubo }) => kubo ?? 'not known')
  return [
    `${''.padEnd(width)}  ${peers.map((_, index) => String(index + 1).padStart(2)).join(' ')}  trusts     Kubo`,
    ...peers.map(({ name, sees, trusts }, row) => {
      const cells = peers.map((other, column) => {
        if (column === row) return ' ·'
        return sees === null ? ' ?' : sees.includes(other.name) ? ' x' : ' -'
      })
      return `${printable(name).padEnd(width)}  ${cells.join(' ')}  ${trustText(trusts).padEnd(9)}  ${printable(kubos[row] ?? '')}`
    }),
    'x sees, - does not see, ? could not be asked; columns in the order of rows',
    ...strangersOf(peers),
  ]
}

function differencesOf({ peers }: ClusterGraph, columns: number): string[] {
  const asked = peers.filter(({ sees }) => sees !== null)
  const groups = [...Map.groupBy(asked, ({ missing }) => missing.join(', '))].toSorted(
    ([, some], [, others]) => others.length - some.length,
  )
  const trust = [...Map.groupBy(peers, ({ trusts }) => trustText(trusts))].map(
    ([text, some]) => `${text} (${some.length})`,
  )
  const silent = peers.filter(({ sees }) => sees === null)
  return [
    ...groups.flatMap(([missing, some]) => [
      missing === ''
        ? `${some.length} see all ${peers.length}`
        : `${some.length} do not see ${missing.split(', ').length} of them:`,
      ...(missing === ''
        ? []
        : [
            ...wrap(`who: ${some.map(({ name }) => printable(name)).join(', ')}`, columns - 6).map(
              (line) => `  ${line}`,
            ),
            ...wrap(`not seen: ${printable(missing)}`, columns - 6).map((line) => `  ${line}`),
          ]),
    ]),
    ...(silent.length === 0
      ? []
      : wrap(`could not be asked: ${silent.map(({ name }) => printable(name)).join(', ')}`, columns - 4)),
    ...wrap(`trust: ${trust.join(', ')}`, columns - 4),
    ...strangersOf(peers),
  ]
}

/** Peers that somebody sees and nobody has declared. */
function strangersOf(peers: ClusterGraph['peers']): string[] {
  const strangers = [...new Set(peers.flatMap((peer) => peer.strangers))]
  return strangers.map((id) => {
    const by = peers.filter((peer) => peer.strangers.includes(id)).length
    return `${printable(id)} is seen by ${by}, and is not a peer of this fleet`
  })
}

function trustText(trusts: ClusterGraph['peers'][number]['trusts']): string {
  if (trusts === null) return 'not known'
  return trusts === 'everybody' ? 'everybody' : `${trusts.length} ${trusts.length === 1 ? 'peer' : 'peers'}`
}

/** For Graphviz: an edge from who sees to who is seen; both ways as one. */
export function dotOf({ cluster, peers }: ClusterGraph): string[] {
  return [
    `digraph ${quoted(cluster)} {`,
    ...peers.map(({ name, kubo, sees }) => {
      const style = sees === null ? ', style=dashed' : ''
      return `  ${quoted(name)} [label=${quoted(`${name} / Kubo ${kubo ?? 'not known'}`)}${style}];`
    }),
    ...peers.flatMap(({ name, sees }, index) =>
      (sees ?? []).flatMap((other) => {
        const at = peers.findIndex((peer) => peer.name === other)
        const isMutual = peers[at]?.sees?.includes(name) === true
        if (other === name || (isMutual && at < index)) return []
        return [`  ${quoted(name)} -> ${quoted(other)}${isMutual ? ' [dir=both]' : ' [color=red]'};`]
      }),
    ),
    '}',
  ]
}

const quoted = (text: string): string => `"${printable(text).replaceAll(/["\\]/g, String.raw`\$&`)}"`
