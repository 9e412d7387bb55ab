import { once } from 'node:events'
import { createServer } from 'node:net'

import { expect, test } from 'vitest'

import { chooseBasePort } from './ports.ts'

test('a lab takes the port that it is told, and refuses what is none', async () => {
  await expect(chooseBasePort('27400')).resolves.toBe(27_400)
  await expect(chooseBasePort('high')).rejects.toThrow('TIERCEL_LAB_PORT')
  await expect(chooseBasePort('80')).rejects.toThrow('TIERCEL_LAB_PORT')
})

test('a lab keeps clear of ports on which somebody listens', async () => {
  const free = await chooseBasePort(undefined)
  const server = createServer().listen(free + 13, '127.0.0.1')
  await once(server, 'listening')
  try {
    expect(await chooseBasePort(undefined)).not.toBe(free)
  } finally {
    server.close()
  }
})
