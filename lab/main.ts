import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

import { build } from './build.ts'
import { LabError } from './errors.ts'
import { runFault } from './fault-command.ts'
import { guestImages } from './images.ts'
import { down, status, up, usualParts } from './lab.ts'
import { Lab } from './open-lab.ts'
import { labPaths } from './paths.ts'
import { require } from './requirements.ts'
import { readState, statePath } from './state.ts'

const parts = ['peers', ...guestImages.map(({ name }) => name)]

const usage = `usage: npm run lab -- COMMAND

  build                   build the images of the guests, Kubo and IPFS Cluster (needs root)
  up [--only PART]        start what does not run: guests, native peers; PART is ${parts.join(', ')}
  down                    end what was started, and throw its disks and repositories away
  status [--json]         what runs
  ssh GUEST [COMMAND...]  a root shell in a guest, or one command
  fault list              the faults that can be made for real, and how they are mended
  fault NAME [TARGET...]  make or mend one

State is kept under TIERCEL_LAB_STATE, else under XDG_STATE_HOME; images under XDG_CACHE_HOME. See docs/lab.md.
Example: npm run lab -- up && npm run lab -- ssh deb12-zfs21 zpool status`

const begun = Date.now()
/** With the seconds since the command began: a start has many steps, and this is how one sees which is slow. */
const say = (line: string): void =>
  console.error(`${String(Math.round((Date.now() - begun) / 1000)).padStart(4)} s  ${line}`)

async function main(argv: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = argv
  const paths = labPaths()
  switch (command) {
    case 'build': {
      parseArgs({ args: rest, options: {} })
      await build(paths, usualParts, say)
      await require('testing', say)
      say(`everything is built: ${paths.cache}`)
      return 0
    }
    case 'up': {
      const state = await up(paths, wantedParts(rest), say)
      console.log(`fleet file: ${state.fleetFile}`)
      console.log(`state:      ${statePath(paths.state)}`)
      console.log(`ssh:        ssh -F ${state.sshConfig} GUEST`)
      return 0
    }
    case 'down':
      await down(paths, say)
      return 0
    case 'status':
      return showStatus(rest.includes('--json'))
    case 'ssh':
      return shell(rest)
    case 'fault':
      return runFault(paths, rest, say)
    default:
      console.error(usage)
      return command === 'help' || command === '--help' ? 0 : 2
  }

  function showStatus(json: boolean): number {
    const state = readState(paths.state)
    if (json) {
      console.log(
        JSON.stringify(state === undefined ? { up: false } : { up: true, parts: status(state), state }, null, 2),
      )
    } else if (state === undefined) {
      console.log('the lab is not up')
    } else {
      for (const { name, running, detail } of status(state)) {
        console.log(`${running ? 'runs ' : 'ENDED'}  ${name.padEnd(15)}  ${detail}`)
      }
      console.log(`fleet file: ${state.fleetFile}`)
    }
    return state !== undefined && status(state).every(({ running }) => running) ? 0 : 1
  }

  function shell([name, ...words]: readonly string[]): number {
    const lab = new Lab(paths)
    const { guests, sshConfig } = lab.state
    if (name === undefined) throw new LabError(`name a guest: ${guests.map((each) => each.name).join(', ')}`)
    return spawnSync('ssh', ['-F', sshConfig, lab.guest(name).alias, ...words], { stdio: 'inherit' }).status ?? 255
  }
}

function wantedParts(args: readonly string[]): readonly string[] {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string', multiple: true } },
  })
  const only = values.only?.flatMap((each) => each.split(','))
  const unknown = only?.find((part) => !parts.includes(part))
  if (unknown !== undefined) throw new LabError(`--only takes ${parts.join(', ')}, not ${unknown}`)
  return only ?? usualParts
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof LabError)) throw error
  const why = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  console.error(`lab: ${error.message}${why}`)
  process.exitCode = 1
}
