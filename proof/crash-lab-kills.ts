import { setTimeout as sleep } from 'node:timers/promises'
import { controllerClient } from '../src/adapters/controller/client.ts'
import { nextBetween, type RandomState } from '../src/sim/random.ts'
import { startLabController } from '../lab/controller.ts'
import type { Lab } from '../lab/open-lab.ts'
import { mustInGuest } from '../lab/ssh.ts'
import { allEndRight, beginRun, claimNoLocks, type Ended, summed } from './lab-runs.ts'
import type { Figures } from './proof.ts'

const victims = ['controller', 'agent', 'executor'] as const

/** Kills the controller here, or the agent or the executor in a guest, while runs go on in both. */
export async function killAgain(
  lab: Lab,
  guests: readonly string[],
  { count, seed, say }: { count: number; seed: number; say: (line: string) => void },
): Promise<Figures> {
  const random: RandomState = { random: seed }
  const controller = await startLabController(lab, guests)
  const tag = `kill-${Date.now().toString(36)}`
  const killed = new Map<string, number>()
  const ended: Ended[] = []
  try {
    for (let number = 0; number < count; number += 1) {
      const client = controllerClient(controller.address)
      const begun = []
      for (const [place, guest] of guests.entries()) {
        begun.push(await beginRun(lab, client, guest, number + place, `${tag}-${place}`))
      }
      await client.close()
      await sleep(nextBetween(random, 0, 12_000))
      const victim = victims[number % victims.length] ?? 'controller'
      const guest = guests[nextBetween(random, 0, guests.length - 1)] ?? ''
      killed.set(victim, (killed.get(victim) ?? 0) + 1)
      const killedAt = Date.now()
      if (victim === 'controller') await controller.restart('SIGKILL')
      else {
        const kill = `systemctl kill -s KILL tiercel-${victim}.service 2> /dev/null || true`
        await mustInGuest(lab.state, lab.guest(guest), kill)
      }
      const now = await allEndRight(lab, controller.address, begun, killedAt)
      ended.push(now)
      say(
        `kill ${number + 1} of ${count}: ${victim}${victim === 'controller' ? '' : ` on ${guest}`}; ${begun.map(({ kind }) => kind).join(', ')}; all ended right after ${Math.round(now.took / 1000)} s`,
      )
    }
    await claimNoLocks(controller.address)
  } finally {
    await controller.close()
  }
  const { runs, asked, took } = summed(ended)
  return {
    kills: [...killed].map(([victim, times]) => `${victim} ${times}`).join(', '),
    'runs beside the kills': runs,
    'asked a person': asked,
    'longest from a kill to the end of its runs': `${(took / 1000).toFixed(0)} s`,
  }
}
