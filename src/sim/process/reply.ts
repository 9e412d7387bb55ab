/** What a face says to one request, before it is put on the wire. */
export type Reply =
  | { kind: 'nothing'; status: 204 | 405 }
  | { kind: 'redirect'; to: string }
  | { kind: 'value'; status: number; json: string }
  | { kind: 'text'; status: number; text: string }
  /** One JSON object a line. */
  | { kind: 'list'; lines: () => Iterable<string> }
  /** The request is taken, and never answered: the daemon waits in the kernel. */
  | { kind: 'never' }

export const nothing: Reply = { kind: 'nothing', status: 204 }
export const never: Reply = { kind: 'never' }

export const value = (content: unknown, status = 200): Reply => ({
  kind: 'value',
  status,
  json: typeof content === 'string' ? content : JSON.stringify(content),
})

/** A list that is made while it is sent: memory does not grow with it. */
export function list<T>(items: Iterable<T>, shape: (item: T) => unknown): Reply {
  return {
    kind: 'list',
    *lines() {
      for (const item of items) yield JSON.stringify(shape(item))
    },
  }
}
