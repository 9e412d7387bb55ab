import { expect, test } from 'vitest'
import { agentApp } from './http.ts'

const headers = { authorization: 'Bearer right' }
const unused = (): never => {
  throw new Error('nobody asks for it')
}

/** A body of so many MiB, and how much of it was read. */
function endless(mebibytes: number) {
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent === mebibytes) return controller.close()
      sent += 1
      controller.enqueue(new Uint8Array(2 ** 20))
    },
  })
  return { body, read: () => sent }
}

test.each(['/v1/operations', '/v1/grant', '/v1/look', '/v1/stores/hot/placement'])(
  'a body without end to %s is refused as soon as it is too long, and not read at all without a token',
  async (path) => {
    const app = agentApp({ host: 'n1', tiercelVersion: '0', token: 'right', observation: unused })
    const long = endless(100)
    const answer = await app.request(path, { method: 'POST', headers, body: long.body, duplex: 'half' })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ error: { code: 'bad-request' } })
    expect(long.read()).toBeLessThan(20)
    const stranger = endless(100)
    expect((await app.request(path, { method: 'POST', body: stranger.body, duplex: 'half' })).status).toBe(401)
    expect(stranger.read()).toBeLessThan(3)
    // The control: what is short enough comes through to where nobody takes it.
    expect((await app.request(path, { method: 'POST', headers, body: '{}' })).status).toBe(404)
  },
)
