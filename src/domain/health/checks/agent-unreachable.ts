import type { Check } from '../check.ts'

export const agentUnreachable: Check = {
  code: 'AGENT_UNREACHABLE',
  title: 'A host does not answer',
  severities: ['unknown'],
  explanation: {
    meaning:
      'The agent of a declared host could not be reached, or did not answer in time or in a language that we speak. Nothing is known of the host: it may be well, it may be down.',
    endangers: 'Whatever is wrong on that host stays unseen, and its pins may be unreachable.',
    remedy: 'Follow the reason in the evidence: network, SSH, `systemctl status tiercel-agent` on the host.',
    sources: ['ARCHITECTURE.md: unknown is never green'],
  },
  find: ({ hosts }) =>
    hosts.flatMap(({ declaration, contact }) => {
      if (contact.state !== 'unreachable') return []
      const { name, address } = declaration
      return [
        {
          code: 'AGENT_UNREACHABLE',
          severity: 'unknown',
          subject: name,
          place: { kind: 'host', host: name },
          summary:
            address === 'local'
              ? `This machine, ${name}, could not be looked at, so nothing is known of it: ${contact.error}.`
              : `Host ${name} does not answer, so nothing is known of it: ${contact.error}.`,
          evidence: [{ what: 'error', value: contact.error, source: address, observedAt: contact.at }],
          endangers: `Trouble on ${name} goes unseen${storesIn(declaration.stores)}.`,
          remedy:
            contact.hint ??
            (address === 'local' ? 'See how busy it is (`uptime`), and look again.' : undefined) ??
            `See whether ${name} is up and reachable at ${address}, then run \`systemctl status tiercel-agent\` there.`,
        },
      ]
    }),
}

function storesIn(stores: readonly { name: string }[]): string {
  if (stores.length === 0) return ''
  return `, and the pins of ${stores.map(({ name }) => name).join(', ')} may not be served from there`
}
