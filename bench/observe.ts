import { Lab } from '../lab/open-lab.ts'
import { mustInGuest } from '../lab/ssh.ts'
import type { Benchmark } from './benchmark.ts'

/** How long the agent is watched. */
const watchedSeconds = 120

/** What the agent runs in a minute of its default periods, by hand (src/domain/probe.ts). */
const bare = [
  { command: 'zpool status -v', perMinute: 2 },
  { command: 'zpool list -HpvP', perMinute: 2 },
  { command: 'zpool version', perMinute: 2 },
  { command: 'zfs list -Hp -t filesystem,volume', perMinute: 1 },
  { command: 'cat /proc/spl/kstat/zfs/arcstats', perMinute: 12 },
] as const

/** Processor time of an agent at rest against that of the bare commands, in one guest of the lab, which must be up. */
export const observe: Benchmark = {
  name: 'observe',
  title: 'processor time of agent and executor in a minute, against the bare commands as often (in a guest of the lab)',
  async run({ say }) {
    const lab = new Lab()
    const rows: string[][] = []
    for (const guest of lab.state.guests) {
      say(`${guest.name}: watched for ${watchedSeconds} s`)
      const said = await mustInGuest(lab.state, guest, script, { timeoutMs: (watchedSeconds + 120) * 1000 })
      const [ours = Number.NaN, theirs = Number.NaN] = said.trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
      rows.push([
        `${guest.name}, ${guest.zfsVersion ?? ''} (${guest.accelerator})`,
        `${ours.toFixed(1)} s`,
        `${theirs.toFixed(1)} s`,
        `${(ours / theirs).toFixed(1)} ×`,
      ])
    }
    return { header: ['a minute of looking', 'agent and executor', 'bare commands', 'ratio'], rows }
  },
}

/** Prints two figures: seconds of processor time a minute, of the agent's and of the commands. Children count. */
const script = `
ticks() {
  for unit in tiercel-agent tiercel-executor; do
    cat /sys/fs/cgroup/system.slice/$unit.service/cpu.stat 2> /dev/null
  done | awk '$1 == "usage_usec" { sum += $2 } END { print sum / 1000000 }'
}
before=$(ticks)
sleep ${watchedSeconds}
after=$(ticks)
TIMEFORMAT='%U %S'
bare=0
${bare
  .map(
    ({ command, perMinute }) =>
      `set -- $( { time for turn in 1 2 3; do ${command} > /dev/null; done; } 2>&1 )\nbare=$(echo "$bare $1 $2" | awk '{ print $1 + ($2 + $3) / 3 * ${perMinute} }')`,
  )
  .join('\n')}
echo "$before $after $bare" | awk '{ print ($2 - $1) * 60 / ${watchedSeconds}, $3 }'
`
