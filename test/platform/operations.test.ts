import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentClient, sshAgent } from '../../src/adapters/agent/agent-client.ts'
import { readFleet } from '../../src/adapters/files/fleet-file.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import type { Operation, OperationState } from '../../src/domain/operation.ts'
import type { Changes } from '../../src/domain/ports/changes.ts'
import { faults } from '../../lab/faults.ts'
import { mustInGuest } from '../../lab/ssh.ts'
import { guestPolicy } from '../../lab/tiercel.ts'
import { datasetHold } from '../../src/operations/dataset-hold.ts'
import { operationIdAt } from '../builders/operation-id.ts'
import { signerFor } from '../builders/signer.ts'
import { lab, onEachGuest } from './lab.ts'

const pool = 'cold-tier'
/** Holds every scan where it is (module parameter; docs/lab.md). */
const hold = (on: boolean) => `echo ${on ? 1 : 0} > /sys/module/zfs/parameters/zfs_scan_suspend_progress`

const outcome = (word: string) => ({ state: 'succeeded', result: { outcome: word } })

/** What becomes of a scrub of the error list. */
const errorScrub = (zfsVersion: string): object =>
  /-2\.[01]\./.test(zfsVersion)
    ? { state: 'failed', remedy: 'stop', error: expect.stringContaining('needs 2.2') }
    : outcome('started')

onEachGuest('operations, through the agent over SSH', (guest) => {
  let client: AgentClient
  let changes: Changes
  let target: { pool: string; guid: string }

  const shell = (script: string) => mustInGuest(lab.state, lab.guest(guest), script, { timeoutMs: 120_000 })
  /** How often the pool was told something about scrubs, by its own history. */
  const scrubsSoFar = async () => Number((await shell(`zpool history ${pool} | grep -c 'zpool scrub' || true`)).trim())
  const writePolicy = (text: string) => shell(`cat > /etc/tiercel/policy.yaml << 'END'\n${text}END\n`)
  const done = async (operation: Operation): Promise<OperationState> => {
    const id = operationIdAt(Date.now())
    let last = await changes.submit(id, operation)
    for await (const state of changes.watch(id)) last = state
    return last
  }
  const scanOf = async () => (await client.control.look('pool-status', {})).find(({ name }) => name === pool)?.scans[0]

  beforeAll(async () => {
    const fleet = await readFleet(lab.state.fleetFile)
    const address = fleet.hosts.find(({ name }) => name === guest)?.address ?? ''
    client = sshAgent({ address, config: fleet.ssh.config })
    const { authority } = await client.control.grant()
    const ours = { controller: 'platform', epoch: (authority?.epoch ?? 0) + 1 }
    const signer = signerFor('platform')
    await client.control.claim({ host: guest, authority: ours, takeOver: true, signer, at: systemClock.now() })
    changes = client.changes({ host: guest, authority: () => ours, signer, clock: systemClock })
    const found = (await client.control.look('pools', {})).find(({ name }) => name === pool)
    target = { pool, guid: found?.guid ?? '' }
    await shell(`zpool wait -t scrub,resilver ${pool}\n${hold(true)}`)
  })
  afterAll(async () => {
    await shell(`${hold(false)}\nzpool scrub -s ${pool} 2> /dev/null || true\nzpool wait -t scrub,resilver ${pool}`)
    await writePolicy(guestPolicy())
    client?.close()
  })

  test('a scrub is started, paused, gone on with and stopped; what is so already is told as such', async () => {
    const start = { kind: 'scrub-start', ...target, errorsOnly: false } as const
    const [pause, stop] = [{ kind: 'scrub-pause', ...target } as const, { kind: 'scrub-stop', ...target } as const]
    // 2.1.11 complains; 2.3.2 is silent, exits with 0, and has to be asked twice.
    expect(await done(pause)).toMatchObject(outcome('was-none'))
    expect(await done(start)).toMatchObject(outcome('started'))
    expect(await scanOf()).toMatchObject({ kind: 'scrub', state: 'in-progress' })
    expect(await done(start)).toMatchObject(outcome('was-running'))
    expect(await done(pause)).toMatchObject(outcome('paused'))
    expect(await scanOf()).toMatchObject({ kind: 'scrub', state: 'paused' })
    expect(await done(pause)).toMatchObject(outcome('was-paused'))
    expect(await done(start)).toMatchObject(outcome('started'))
    expect(await scanOf()).toMatchObject({ kind: 'scrub', state: 'in-progress' })
    expect(await done(stop)).toMatchObject(outcome('stopped'))
    expect(await done(stop)).toMatchObject(outcome('was-none'))
    expect(await scanOf()).toMatchObject({ kind: 'scrub', state: 'canceled' })
  })

  test('the commands that were run are told, with their ends', async () => {
    const last = await done({ kind: 'scrub-stop', ...target })
    expect('commands' in last ? last.commands : []).toMatchObject([
      { host: guest, command: `zpool get -H -p -o property,value guid,health,readonly ${pool}`, exitCode: 0 },
      {
        host: guest,
        command: `zpool scrub -s ${pool}`,
        exitCode: 1,
        stderr: expect.stringContaining('no active scrub'),
      },
    ])
  })

  test('a pool with another guid is not meant, and nothing is done', async () => {
    const before = await scrubsSoFar()
    expect(await done({ kind: 'scrub-start', ...target, guid: '1', errorsOnly: false })).toMatchObject({
      state: 'failed',
      remedy: 'ask',
      error: expect.stringContaining(`has the guid ${target.guid}, and 1 is meant`),
    })
    expect(await scrubsSoFar()).toBe(before)
    // The control: with its own guid the history shows it.
    await done({ kind: 'scrub-start', ...target, errorsOnly: false })
    await done({ kind: 'scrub-stop', ...target })
    expect(await scrubsSoFar()).toBe(before + 2)
  })

  test('what the policy does not allow is refused with its line, and nothing is done', async () => {
    const before = await scrubsSoFar()
    await writePolicy('apiVersion: 1\nmode: operate\nallow:\n  - { operations: [scrub-start], pools: [hot-tier] }\n')
    await expect(done({ kind: 'scrub-start', ...target, errorsOnly: false })).rejects.toMatchObject({
      code: 'refused-by-policy',
      message: expect.stringContaining('line 4 allows it on hot-tier only'),
    })
    await writePolicy('apiVersion: 1\nmode: observe-only\n')
    await expect(done({ kind: 'scrub-stop', ...target })).rejects.toMatchObject({
      message: expect.stringContaining('/etc/tiercel/policy.yaml:2 says mode: observe-only'),
    })
    expect(await scrubsSoFar()).toBe(before)
    expect(await shell('journalctl -u tiercel-executor -n 20 -o cat | grep -c \'"event":"refused"\'')).not.toBe('0\n')
    await writePolicy(guestPolicy())
  })

  test('the scrub of the error list needs OpenZFS 2.2, and says so without it', async () => {
    expect(await done({ kind: 'scrub-start', ...target, errorsOnly: true })).toMatchObject(
      errorScrub(lab.guest(guest).zfsVersion ?? ''),
    )
    await done({ kind: 'scrub-stop', ...target })
  })

  test('snapshots are held under the id of the operation and released again; tags of others stay', async () => {
    const dataset = `${pool}/tiercel-holds`
    await writePolicy(guestPolicy())
    await shell(`zfs create ${dataset}
zfs snapshot ${dataset}@a
zfs snapshot ${dataset}@b
zfs hold theirs ${dataset}@b`)
    try {
      const there = await client.control.look('snapshots', { dataset })
      const snapshots = there.map(({ name, guid }) => ({ name: name.slice(dataset.length + 1), guid }))
      const tags = async () => {
        const all = await client.control.look('holds', { snapshots: there.map(({ name }) => name) })
        return all.map(({ snapshot, tag }) => `${snapshot.at(-1)} ${tag}`)
      }
      const other = snapshots.map((one) => ({ ...one, guid: '1' }))
      expect(await done({ kind: 'dataset-hold', dataset, snapshots: other })).toMatchObject({ remedy: 'ask' })
      expect(await tags()).toEqual(['b theirs'])
      const held = await done({ kind: 'dataset-hold', dataset, snapshots })
      expect(held).toMatchObject({ state: 'succeeded', result: { held: 2 } })
      const { tag } = held.state === 'succeeded' ? datasetHold.Result.parse(held.result) : { tag: '' }
      expect(await tags()).toEqual([`a ${tag}`, 'b theirs', `b ${tag}`])
      const release = { kind: 'dataset-release', dataset, snapshots, heldBy: [tag.replace('tiercel-', '')] }
      // The second time the tags are gone already: so.
      for (let times = 0; times < 2; times += 1) {
        expect(await done(release)).toMatchObject({ state: 'succeeded', result: { released: 2 } })
        expect(await tags()).toEqual(['b theirs'])
      }
    } finally {
      await shell(`zfs release theirs ${dataset}@b; zfs destroy -r ${dataset}`)
    }
  })

  test('while the pool resilvers, no scrub is started, and none is taken for stopped', async () => {
    await shell(`disk=$(zpool list -v -H -P ${pool} | awk '$1 ~ /^\\/dev/ { print $1; exit }')
zpool offline ${pool} $disk
dd if=/dev/urandom of=/${pool}/resilver-me bs=1M count=8 2> /dev/null
sync -f /${pool}
zpool online ${pool} $disk
for try in $(seq 100); do zpool status ${pool} | grep -q 'resilver in progress' && break; sleep 0.2; done
zpool status ${pool} | grep -q 'resilver in progress'`)
    try {
      expect(await done({ kind: 'scrub-start', ...target, errorsOnly: false })).toMatchObject({
        state: 'failed',
        remedy: 'retry',
        error: expect.stringContaining('currently resilvering'),
      })
      const [pause, stop] = [
        await done({ kind: 'scrub-pause', ...target }),
        await done({ kind: 'scrub-stop', ...target }),
      ]
      console.log(`${guest}, while resilvering: -p ${JSON.stringify(pause)}; -s ${JSON.stringify(stop)}`)
      // Neither stops the resilver.
      expect(await scanOf()).toMatchObject({ kind: 'resilver', state: 'in-progress' })
    } finally {
      await shell(`${hold(false)}\nzpool wait -t resilver ${pool}\nrm -f /${pool}/resilver-me\n${hold(true)}`)
    }
  })

  test('on a suspended pool nothing is run, and nothing hangs', async () => {
    const warm = (await client.control.look('pools', {})).find(({ name }) => name === 'warm-tier')
    await faults.suspendPool.break(lab, { guest })
    try {
      const startedAt = performance.now()
      expect(
        await done({ kind: 'scrub-start', pool: 'warm-tier', guid: warm?.guid ?? '', errorsOnly: false }),
      ).toMatchObject({ state: 'failed', remedy: 'ask', commands: [], error: expect.stringContaining('SUSPENDED') })
      console.log(
        `${guest}: refused on a suspended pool after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
      )
      expect(await shell("ps -eo stat,args | grep -c '[z]pool scrub' || true")).toBe('0\n')
    } finally {
      // The mend scrubs to the end.
      await shell(hold(false))
      await faults.suspendPool.mend(lab, { guest })
    }
  })
})
