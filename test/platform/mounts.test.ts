import { afterAll, beforeAll, expect, test } from 'vitest'
import { mustInGuest } from '../../lab/ssh.ts'
import { lab, onEachGuest } from './lab.ts'

/** A program of the executor, as its own code runs it: among the mounts of the host, or, as the control, among its own. */
const probe = `
import { createPrograms } from '/opt/tiercel/src/adapters/system/exec.ts'
import { inHostMounts } from '/opt/tiercel/src/executor/in-host-mounts.ts'
const { exec } = createPrograms()
const [where, ...args] = process.argv.slice(2)
const run = where === 'host' ? inHostMounts(exec) : exec
console.log(await run('zfs', args).then(() => 'done', (error) => error.message))
`
const unit = '/etc/systemd/system/tiercel-executor.service'
const node = '/opt/tiercel/node_modules/node/bin/node'
const probeFile = '/opt/tiercel-mounts-probe.ts'
const settings = 'CapabilityBoundingSet|NoNewPrivileges|Protect|Private|Restrict|Lock|SystemCall'

onEachGuest('what the executor mounts', (guest) => {
  const shell = (script: string) => mustInGuest(lab.state, lab.guest(guest), script, { timeoutMs: 120_000 })
  /** Under every setting of the unit that was installed. */
  const inUnit = async (where: 'host' | 'own', ...args: string[]): Promise<string> =>
    (
      await shell(`settings=()
while read -r line; do settings+=(-p "$line"); done < <(grep -E '^(${settings})' ${unit})
systemd-run --quiet --wait --pipe --collect "\${settings[@]}" -- ${node} ${probeFile} ${where} ${args.join(' ')}`)
    ).trim()
  const isMounted = async (dataset: string): Promise<boolean> =>
    (await shell(`grep -c '^${dataset} ' /proc/mounts || true`)).trim() === '1'

  const parent = 'warm-tier/of-another'
  const dataset = `${parent}/mounted`
  beforeAll(async () => {
    // A folder of another account, as those of the stores are.
    await shell(`cat > ${probeFile} << 'END'\n${probe}END\nzfs create ${parent}\nchown nobody /${parent}`)
  })
  afterAll(async () => {
    await shell(`zfs destroy -r ${parent}\nrm -f ${probeFile}`)
  })

  test('is mounted on the host, and so is what it unmounts, renames and destroys; among its own mounts it would not be', async () => {
    expect(await inUnit('host', 'create', dataset)).toBe('done')
    expect(await isMounted(dataset)).toBe(true)
    // The control: the program says that it is done, or fails; the host sees nothing of it.
    expect(await inUnit('own', 'unmount', dataset)).toBe('done')
    expect(await isMounted(dataset)).toBe(true)
    expect(await inUnit('own', 'destroy', dataset)).toContain('dataset is busy')
    expect(await inUnit('host', 'unmount', dataset)).toBe('done')
    expect(await isMounted(dataset)).toBe(false)
    expect(await inUnit('own', 'mount', dataset)).toBe('done')
    expect(await isMounted(dataset)).toBe(false)
    expect(await inUnit('host', 'mount', dataset)).toBe('done')
    expect(await isMounted(dataset)).toBe(true)
    expect(await inUnit('host', 'rename', dataset, `${dataset}-anew`)).toBe('done')
    expect(await isMounted(`${dataset}-anew`)).toBe(true)
    expect(await inUnit('host', 'destroy', `${dataset}-anew`)).toBe('done')
    expect(await isMounted(`${dataset}-anew`)).toBe(false)
  })
})
