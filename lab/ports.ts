import { createServer } from 'node:net'

import { LabError } from './errors.ts'
import { defaultBasePort } from './peer-settings.ts'

/** How many ports a lab takes: ten for guests, ten for each of three peers. */
export const portCount = 40

/** The first port of a new lab: the one asked for, else the first of a few whose ports nobody listens on; another lab may be up. */
export async function chooseBasePort(told: string | undefined): Promise<number> {
  if (told !== undefined) {
    const port = Number(told)
    if (Number.isInteger(port) && port >= 1024 && port <= 65_000) return port
    throw new LabError(`TIERCEL_LAB_PORT is a port from 1024 to 65000, not ${told}`)
  }
  for (let base = defaultBasePort; base < defaultBasePort + 1000; base += 100) {
    if (await areFree(base)) return base
  }
  throw new LabError('every range of ports that the lab tries is in use: set TIERCEL_LAB_PORT')
}

async function areFree(base: number): Promise<boolean> {
  const ports = Array.from({ length: portCount }, (_, index) => base + index)
  return (await Promise.all(ports.map(isFree))).every(Boolean)
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const server = createServer()
  server.once('error', () => resolve(false))
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  return promise
}
