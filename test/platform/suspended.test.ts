import { afterAll, beforeAll, expect, test } from 'vitest'
import { faults } from '../../lab/faults.ts'
import { inGuest } from '../../lab/ssh.ts'
import { half } from './half.ts'
import { has, lab, onEachGuest, openLabFleet } from './lab.ts'

half('a suspended pool', () => {
  onEachGuest('a pool suspended by the loss of its disks', (guest) => {
    let fleet: Awaited<ReturnType<typeof openLabFleet>>
    beforeAll(async () => {
      fleet = await openLabFleet()
      await fleet.look() // the connection is made and kept
      await faults.suspendPool.break(lab, { guest })
    })
    afterAll(async () => {
      await faults.suspendPool.mend(lab, { guest })
      await fleet.until('resumed', (found) => !has(found, 'POOL_SUSPENDED', new RegExp(`^${guest}/`)), 120)
      await fleet.close()
    }, 300_000)

    test('is named within the period of the kstats', async () => {
      const { found, took } = await fleet.until(
        'suspended',
        (now) => has(now, 'POOL_SUSPENDED', new RegExp(`^${guest}/warm-tier$`)),
        5 + 2 + 10,
      )
      console.log(`found after ${took.toFixed(1)} s: warm-tier suspended on ${guest}`)
      expect(found.find(({ code }) => code === 'POOL_SUSPENDED')?.severity).toBe('critical')
      // The other pools of the host are not blamed.
      expect(has(found, 'POOL_SUSPENDED', new RegExp(`^${guest}/(hot|cold)-tier$`))).toBe(false)
    })

    test('the agent still answers in under a second', async () => {
      const times: number[] = []
      for (let look = 0; look < 5; look += 1) {
        const view = await fleet.look()
        const contact = view.hosts.find(({ declaration }) => declaration.name === guest)?.contact
        if (contact?.state !== 'answered') throw new Error(`${guest} does not answer while a pool is suspended`)
        times.push(contact.took)
      }
      console.log(
        `answers of the agent on ${guest} while warm-tier is suspended: ${times.map(Math.round).join(', ')} ms`,
      )
      expect(times.toSorted((a, b) => a - b)[2]).toBeLessThan(1000)
    })

    test('a child that hangs in the kernel is accounted for, blocks the next of its kind, and keeps nobody from exiting', async () => {
      const script = `
import { createPrograms } from '/opt/tiercel/src/adapters/system/exec.ts'
const { exec, stuck } = createPrograms()
const say = (error) => error.constructor.name
console.log(await exec('sync', ['/warm-tier/.'], { deadline: 1000 }).catch(say))
console.log(JSON.stringify(stuck().map(({ command }) => command)))
console.log(await exec('sync', ['/hot-tier/.']).catch(say))
console.log(await exec('true', []).then(() => 'others run'))
`
      const { code, stdout, stderr } = await inGuest(
        lab.state,
        lab.guest(guest),
        `cat > /tmp/stuck.ts << 'END'\n${script}END\ntimeout 60 /opt/tiercel/node_modules/node/bin/node /tmp/stuck.ts`,
        { timeoutMs: 90_000 },
      )
      expect({ code, stderr: stderr.trim(), lines: stdout.trim().split('\n') }).toEqual({
        code: 0,
        stderr: '',
        lines: ['Stuck', '["sync /warm-tier/."]', 'Stuck', 'others run'],
      })
    })
  })
})
