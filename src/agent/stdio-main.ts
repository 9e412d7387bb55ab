import { readFileSync } from 'node:fs'
import { readSecret } from '../adapters/system/secrets.ts'
import { serveStdio } from './stdio.ts'

/**
 * The short way of `tiercel agent stdio`, taken by bin/tiercel: without the command line, YAML and schemas, which take
 * most of the time that a slow host needs to answer first. It serves hosts whose agent.yaml leaves socket and token where
 * they are by default; all others, and every error, go the long way.
 */
const agentFile = '/etc/tiercel/agent.yaml'

function hasDefaults(): boolean {
  try {
    return !/^\s*["']?(socket|token)["']?\s*:/m.test(readFileSync(agentFile, 'utf8'))
  } catch {
    return false
  }
}

const token = hasDefaults() ? await readSecret({ file: '/etc/tiercel/agent.token' }).catch(() => undefined) : undefined
if (token === undefined) {
  await import('../main.ts')
} else {
  await serveStdio({ socket: '/run/tiercel/agent.sock', token }, { input: process.stdin, output: process.stdout })
  process.exit()
}
