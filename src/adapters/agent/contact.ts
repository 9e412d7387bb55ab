import { fewAtOnce } from '../../domain/few-at-once.ts'
import { explain, NotPermitted, UnexpectedOutput, Unreachable } from '../../domain/errors.ts'
import type { Fleet, HostDeclaration } from '../../domain/fleet.ts'
import type { Contact, HostView } from '../../domain/health/view.ts'
import { age, seconds } from '../../domain/units.ts'
import type { FleetReader, HostsReader } from '../../observe/fleet-reader.ts'
import { type PlacementSources, placementsOf } from '../../observe/placement.ts'
import { type AgentClient, keptSshAgent, socketAgent, sshAgent } from './agent-client.ts'
import { Refused } from './ask.ts'
import type { LocalObserver, LocalOptions } from './local-observer.ts'
import { createPatience, type Patience } from './patience.ts'
import { noPinIndex } from './no-pin-index.ts'

export interface ReaderOptions extends LocalOptions {
  /** Starts ourselves, for the process that keeps an SSH connection. */
  command: readonly [string, ...string[]]
  /** False: how the pins of the clusters stand is not asked with each look; a view is without it then. */
  withPlacements?: boolean
}

/**
 * An agent that has not been asked before goes through its pinset first. What takes longer is there at the next look, and
 * health does not wait for it.
 */
const placementWithin = 1500

/** More at once would only queue in the network and in `ssh`. */
const hostsAtOnce = 64

/** A fleet by its agents, each also by itself. */
export interface Agents extends FleetReader, HostsReader {
  /** Undefined for a host that the fleet file does not have. */
  agent: (host: string) => AgentClient | undefined
}

export function openFleet(fleet: Fleet, options: ReaderOptions): Agents {
  const { clock, deadline = seconds(12), withPlacements = true } = options
  const clients = fleet.hosts.map((declaration) => ({ declaration, client: clientFor(declaration, fleet, options) }))

  const contact = async (client: AgentClient, patience: Patience): Promise<Contact> => {
    const askedAt = clock.now()
    try {
      const observation = await patience.ask((signal, signs) => client.observation(signal, signs))
      const receivedAt = clock.now()
      if (Math.abs(observation.answeredAt) > latestDate) {
        throw new UnexpectedOutput('its clock shows a time that is no date', String(observation.answeredAt))
      }
      return { state: 'answered', observation, receivedAt, took: age(askedAt, receivedAt) }
    } catch (error) {
      const hint = hintOf(error)
      return {
        state: 'unreachable',
        error: explain(error).slice(0, longestError),
        at: clock.now(),
        ...(hint === undefined ? {} : { hint: hint.slice(0, longestError) }),
      }
    }
  }

  const pinSources: PlacementSources = {
    pins(host, store) {
      const found = clients.find(({ declaration }) => declaration.name === host)
      return found === undefined ? noPinIndex(host) : found.client.pins(store)
    },
    async placement({ host, store }, question, signal) {
      const found = clients.find(({ declaration }) => declaration.name === host)
      if (found === undefined) throw new Unreachable(`there is no host ${host}`)
      return found.client.placement(store, question, signal)
    },
  }

  return {
    ...pinSources,
    agent: (host) => clients.find(({ declaration }) => declaration.name === host)?.client,
    async contact(host) {
      const found = clients.find(({ declaration }) => declaration.name === host)
      if (found === undefined) return { state: 'unreachable', error: `there is no host ${host}`, at: clock.now() }
      return contact(found.client, createPatience(deadline))
    },
    async look() {
      const patience = createPatience(deadline)
      const hosts = await fewAtOnce(hostsAtOnce, clients, async ({ declaration, client }): Promise<HostView> => ({
        declaration,
        contact: await contact(client, patience),
      }))
      const view = { at: clock.now(), fleet, hosts }
      if (!withPlacements) return view
      const placements = await placementsOf(view, pinSources, AbortSignal.timeout(placementWithin))
      return { ...view, at: clock.now(), placements }
    },
    async close() {
      for (const { client } of clients) client.close()
    },
  }
}

/** ECMAScript, Time Values: beyond ±8.64e15 ms there are no dates. */
const latestDate = 8.64e15

/** The other side's words are for a screen; nobody reads more. */
const longestError = 2000

/** What to do next, where the error knows. */
function hintOf(error: unknown): string | undefined {
  return error instanceof Refused || error instanceof NotPermitted ? error.hint : undefined
}

function clientFor(declaration: HostDeclaration, fleet: Fleet, options: ReaderOptions): AgentClient {
  const { address, token, grantToken } = declaration
  if (address === 'local') return localAgent(declaration, options)
  if (address.startsWith('unix:')) return socketAgent(address.slice('unix:'.length), token, grantToken)
  const target = { address, config: fleet.ssh.config }
  return fleet.ssh.keepFor === 0
    ? sshAgent(target)
    : keptSshAgent(target, { keepFor: fleet.ssh.keepFor, command: options.command })
}

/** This machine, without an agent: looked at by this process, with its own rights. */
function localAgent(declaration: HostDeclaration, options: ReaderOptions): AgentClient {
  let opened: Promise<LocalObserver> | undefined
  // What looks at a machine is many files: only whoever looks at their own loads them.
  const open = async (): Promise<LocalObserver> => {
    opened ??= import('./local-observer.ts').then(({ openLocalObserver }) => openLocalObserver(declaration, options))
    return opened
  }
  const nobody = () => Promise.reject(new Unreachable(`there is no agent on ${declaration.name} to ask`))
  const noStates = () => ({ [Symbol.asyncIterator]: () => ({ next: nobody }) })
  return {
    observation: async () => (await open()).observation(),
    pins: () => noPinIndex(declaration.name),
    placement: () => nobody(),
    control: {
      grant: nobody,
      claim: nobody,
      note: nobody,
      look: async (...asked) => (await open()).look(...asked),
      policy: nobody,
    },
    changes: () => ({ submit: nobody, result: nobody, cancel: nobody, watch: noStates }),
    close: () => void opened?.then((local) => local.close()),
  }
}
