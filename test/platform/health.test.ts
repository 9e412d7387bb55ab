import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { faults } from '../../lab/faults.ts'
import { half } from './half.ts'
import { gating, lab } from './lab.ts'

const launcher = join(import.meta.dirname, '../../bin/tiercel')

function tiercel(args: string[]) {
  const startedAt = performance.now()
  const { status, stdout, stderr } = spawnSync(launcher, args, { encoding: 'utf8', timeout: 60_000 })
  return { status, stdout, stderr, seconds: (performance.now() - startedAt) / 1000 }
}

/** The lab's fleet file with other SSH settings. */
function variant(name: string, ssh: Record<string, string>): string {
  const { fleetFile } = lab.state
  const fleet = parse(readFileSync(fleetFile, 'utf8'))
  const path = `${fleetFile}.${name}.yaml`
  writeFileSync(path, stringify({ ...fleet, ssh: { ...fleet.ssh, ...ssh } }))
  return path
}

half('health, as the command line shows it', () => {
  test('health shows the real pools of every OpenZFS version, and the real cluster', () => {
    const first = tiercel(['health', '--json', '--fleet', lab.state.fleetFile])
    const again = tiercel(['health', '--json', '--fleet', lab.state.fleetFile])
    console.log(`health: ${first.seconds.toFixed(1)} s, then with the connections kept ${again.seconds.toFixed(1)} s`)
    expect(again.stderr).toBe('')
    const { findings, totals } = JSON.parse(again.stdout)
    expect(totals.observed).toMatchObject({ hosts: lab.state.guests.length + 1 })
    expect(totals.observed.pools).toBeGreaterThanOrEqual(3 * gating.length)
    expect(findings.filter(({ code }: { code: string }) => code === 'AGENT_UNREACHABLE')).toEqual([])
  })

  test('pools, peers, hosts, stores and datasets are listed and shown', () => {
    for (const noun of ['hosts', 'stores', 'peers', 'pools', 'datasets']) {
      const { status, stdout, stderr } = tiercel([noun, 'list', '--json', '--fleet', lab.state.fleetFile])
      expect({ noun, status, stderr }).toEqual({ noun, status: 0, stderr: '' })
      expect(JSON.parse(stdout).length).toBeGreaterThan(1)
    }
    const shown = tiercel(['pools', 'show', `${gating[0]}/hot-tier`, '--fleet', lab.state.fleetFile])
    expect(shown.stdout).toContain('mirror-0')
  })

  test('a changed SSH host key is refused and named', async () => {
    const [guest = ''] = gating
    const fleet = variant('each', { keepFor: '0s' })
    /** Whom health does not reach because of the host key; a guest that is merely slow under emulation is another matter. */
    const refused = () => {
      const { stdout } = tiercel(['health', '--json', '--fleet', fleet])
      const found: { code: string; subject: string }[] = JSON.parse(stdout).findings
      return found
        .filter((finding) => finding.code === 'AGENT_UNREACHABLE' && JSON.stringify(finding).includes('SSH host key'))
        .map(({ subject }) => subject)
    }
    try {
      await faults.changeHostKey.break(lab, { guest })
      expect(refused()).toEqual([guest])
    } finally {
      await faults.changeHostKey.mend(lab, { guest })
    }
    expect(refused()).toEqual([])
  })
})
