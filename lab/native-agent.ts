import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { LabError } from './errors.ts'
import { nativeHost, nativeStore } from './fleet-file.ts'
import { type LabPaths, nativeAgent } from './paths.ts'
import { isAlive, startDetached, stopProcess, waitFor } from './processes.ts'
import type { LabState } from './state.ts'
import { checkoutKey } from './tiercel.ts'

/** Starts the agent if it does not run from this checkout, and waits until it listens. */
export async function startNativeAgent(paths: LabPaths, state: LabState): Promise<LabState> {
  const agentKey = checkoutKey(paths.checkout)
  if (isAlive(state.agent) && state.agentKey === agentKey) return state
  await stopProcess(state.agent)
  const { folder, socket, token } = nativeAgent(paths)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!existsSync(token)) writeFileSync(token, randomBytes(32).toString('hex'), { mode: 0o600 })
  const config = join(folder, 'agent.yaml')
  writeFileSync(
    config,
    stringify({
      apiVersion: 1,
      host: nativeHost,
      socket,
      token: { file: token },
      pinIndex: { folder: join(folder, 'pins') },
      operations: { folder: join(folder, 'operations') },
      stores: state.peers.map((peer) => {
        const { peer: _expected, ...local } = nativeStore(peer)
        return local
      }),
    }),
  )
  rmSync(socket, { force: true })
  const agent = await startDetached(join(paths.checkout, 'bin', 'tiercel'), ['agent', 'run', '--config', config], {
    logFile: join(folder, 'agent.log'),
  })
  const listens = await waitFor(() => !isAlive(agent) || existsSync(socket), 60_000)
  if (!listens || !isAlive(agent))
    throw new LabError(`the agent of this machine does not listen: see ${folder}/agent.log`)
  return { ...state, agent, agentKey }
}

/** Ends the agent of this machine. */
export async function stopNativeAgent(state: LabState): Promise<LabState> {
  await stopProcess(state.agent)
  const { agent: _ended, ...rest } = state
  return rest
}
