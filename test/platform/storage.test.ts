import { execFileSync } from 'node:child_process'
import { keptSshAgent } from '../../src/adapters/agent/agent-client.ts'
import { observedStorage } from '../../src/adapters/agent/observed-storage.ts'
import { commandText } from '../../src/domain/command-text.ts'
import { createPrograms, type Exec } from '../../src/adapters/system/exec.ts'
import { localStorage } from '../../src/adapters/zfs/storage.ts'
import { minutes } from '../../src/domain/units.ts'
import { snapshotsContract } from '../contracts/snapshots.contract.ts'
import { storageContract } from '../contracts/storage.contract.ts'
import { gating, lab } from './lab.ts'

const sleep = (elapsed: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, elapsed)
  })

for (const guest of lab.isUp ? gating.map((name) => lab.guest(name)) : []) {
  const ssh = ['-F', lab.state.sshConfig, guest.alias]
  const read = (command: string) => execFileSync('ssh', [...ssh, command], { encoding: 'utf8' })

  const { exec } = createPrograms()
  const there: Exec = (file, args, options) =>
    exec('ssh', [...ssh, `LC_ALL=C.UTF-8 TZ=UTC ${commandText(file, args)}`], {
      ...options,
      env: { HOME: process.env['HOME'] ?? '/' },
    })

  snapshotsContract(`OpenZFS ${guest.zfsVersion ?? ''} on ${guest.name}`, async () => ({
    storage: localStorage({ exec: there, executor: undefined, isRoot: true }),
    make: async (snapshot, operation) =>
      void read(`zfs snapshot ${operation === undefined ? '' : `-o tiercel:operation=${operation}`} ${snapshot}`),
    hold: async (tag, snapshot) => void read(`zfs hold ${tag} ${snapshot}`),
    release: async (tag, snapshot) => void read(`zfs release ${tag} ${snapshot}`),
    destroy: async (snapshot) => void read(`zfs destroy ${snapshot}`),
    close: () => Promise.resolve(),
  }))

  storageContract(`OpenZFS ${guest.zfsVersion ?? ''} on ${guest.name}, its own programs`, async () => {
    return {
      storage: localStorage({
        exec: there,
        executor: undefined,
        isRoot: true,
        files: {
          readFileSync: (path) => read(`cat '${path}'`),
          readdirSync: (path) =>
            read(`cd '${path}' && ls -1p`)
              .trim()
              .split('\n')
              .map((name) => ({ name: name.replace(/\/$/, ''), isDirectory: () => name.endsWith('/') })),
        },
      }),
      pass: sleep,
      close: () => Promise.resolve(),
    }
  })

  storageContract(`OpenZFS ${guest.zfsVersion ?? ''} on ${guest.name}, through its agent over SSH`, async () => {
    const client = keptSshAgent(
      { address: `ssh://${guest.agentAlias}`, config: lab.state.sshConfig },
      { keepFor: minutes(10), command: [process.execPath, new URL('../../src/main.ts', import.meta.url).pathname] },
    )
    return {
      storage: observedStorage((signal) => client.observation(signal)),
      pass: (elapsed) => sleep(Math.max(elapsed, 12_000)),
      close: async () => client.close(),
    }
  })
}
