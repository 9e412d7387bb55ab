import { afterAll, beforeAll, expect, test } from 'vitest'
import { mustInGuest } from '../../lab/ssh.ts'
import { lab, onEachGuest } from './lab.ts'

const unit = '/etc/systemd/system/tiercel-executor.service'
const settings = 'CapabilityBoundingSet|NoNewPrivileges|Protect|Private|Restrict|Lock|SystemCall'
const node = '/opt/tiercel/node_modules/node/bin/node'
const probeFile = '/opt/tiercel-mounts-probe.ts'

/** Runs `zfs` as the executor's own code does, among the mounts of the host or among its own, and looks at the host after each. */
const probe = `
import { readFileSync } from 'node:fs'
import { createPrograms } from '/opt/tiercel/src/adapters/system/exec.ts'
import { inHostMounts } from '/opt/tiercel/src/executor/in-host-mounts.ts'
const { exec } = createPrograms()
const run = { host: inHostMounts(exec), own: exec }
const [parent = '', ...steps] = process.argv.slice(2)
for (const step of steps) {
  const [where, ...args] = step.split(' ')
  const said = await run[where]('zfs', args).then(() => 'done', (error) => error.message)
  const mounted = readFileSync('/proc/1/mounts', 'utf8').match(new RegExp('^' + parent + '/\\\\S+', 'gm')) ?? []
  console.log(JSON.stringify({ step, said, mounted }))
}
`

onEachGuest('what the executor mounts', (guest) => {
  const shell = (script: string) => mustInGuest(lab.state, lab.guest(guest), script, { timeoutMs: 170_000 })
  const parent = 'warm-tier/of-another'
  const [one, other] = [`${parent}/one`, `${parent}/other`]

  beforeAll(async () => {
    // A folder of another account, as those of the stores are.
    await shell(`cat > ${probeFile} << 'END'\n${probe}END\nzfs create ${parent}\nchown nobody /${parent}`)
  })
  afterAll(async () => {
    await shell(`zfs destroy -r ${parent}\nrm -f ${probeFile}`)
  })

  test('is mounted on the host, and so is what it unmounts, renames and destroys; among its own mounts it would not be', async () => {
    const expected = [
      { step: `host create ${one}`, said: 'done', mounted: [one] },
      { step: `own unmount ${one}`, said: 'done', mounted: [one] },
      { step: `own destroy ${one}`, said: expect.stringContaining('dataset is busy'), mounted: [one] },
      { step: `host unmount ${one}`, said: 'done', mounted: [] },
      { step: `own mount ${one}`, said: 'done', mounted: [] },
      { step: `host mount ${one}`, said: 'done', mounted: [one] },
      { step: `host rename ${one} ${other}`, said: 'done', mounted: [other] },
      { step: `host destroy ${other}`, said: 'done', mounted: [] },
    ]
    // Under every setting of the unit that was installed.
    const said = await shell(`settings=()
while read -r line; do settings+=(-p "$line"); done < <(grep -E '^(${settings})' ${unit})
systemd-run --quiet --wait --pipe --collect "\${settings[@]}" -- ${node} ${probeFile} ${parent} ${expected.map(({ step }) => `'${step}'`).join(' ')}`)
    expect(
      said
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual(expected)
  })
})
