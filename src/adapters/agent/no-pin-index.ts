import { NotPermitted } from '../../domain/errors.ts'
import type { PinIndex } from '../../domain/ports/pin-index.ts'

/** Where no agent runs, nobody has read the lists: every question is refused, with what to do. */
export function noPinIndex(host: string): PinIndex {
  const refuse = (): never => {
    throw new NotPermitted(
      `${host} is looked at without an agent, so nobody keeps an index of its pins`,
      'install the agent there (sudo tiercel agent install), and name its socket or SSH address in the fleet file: address: unix:/run/tiercel/agent.sock',
    )
  }
  return {
    summary: async () => refuse(),
    snapshot: async () => refuse(),
    // oxlint-disable-next-line require-yield
    async *groups() {
      refuse()
    },
    // oxlint-disable-next-line require-yield
    async *exceptions() {
      refuse()
    },
    nodes: async () => refuse(),
    records: async () => refuse(),
    pin: async () => refuse(),
    allocation: async () => refuse(),
    refresh: async () => refuse(),
  }
}
