import { readSecret } from '../adapters/system/secrets.ts'
import { grantTokenFile } from '../domain/grant-token.ts'
import { serveStdio } from './stdio.ts'

/**
 * The short way of `tiercel agent stdio`, taken by bin/tiercel on hosts whose agent.yaml leaves socket and token where
 * they are by default: without the command line, YAML and schemas, which take most of the time that a slow host needs to
 * answer first.
 */
const socket = '/run/tiercel/agent.sock'
const token = { file: '/etc/tiercel/agent.token' }

try {
  const lookOnly = process.argv.includes('--look-only')
  // Whoever may not read it may look, and change what the key that is noted has signed.
  const grantToken = lookOnly ? undefined : await readSecret({ file: grantTokenFile }).catch(() => undefined)
  await serveStdio(
    { socket, token: await readSecret(token), grantToken, lookOnly },
    { input: process.stdin, output: process.stdout },
  )
  process.exit()
} catch (error) {
  process.stderr.write(`tiercel: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(2)
}
