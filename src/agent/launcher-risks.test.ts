import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { launcherRisks } from './launcher-risks.ts'

/** A checkout of the right shape; what it stands in and who owns it is the machine's. */
function checkout(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-checkout-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  for (const name of ['bin', 'src', 'node_modules/node/bin']) mkdirSync(join(folder, name), { recursive: true })
  for (const name of ['bin/tiercel', 'src/main.ts', 'node_modules/node/bin/node']) {
    writeFileSync(join(folder, name), '')
    chmodSync(join(folder, name), 0o755)
  }
  return folder
}

const ofOurs = (folder: string): string[] =>
  launcherRisks(join(folder, 'bin/tiercel')).filter((risk) => risk.startsWith(folder))
const ours = process.getuid?.() ?? 0

test('a checkout that root alone can change has no risk, and one of ours has', () => {
  expect(ofOurs(checkout())).toHaveLength(ours === 0 ? 0 : 7)
})

test.runIf(ours === 0)('names what others can change, and what is closed to the agent', () => {
  const folder = checkout()
  chmodSync(join(folder, 'src'), 0o775)
  chmodSync(join(folder, 'src/main.ts'), 0o646)
  chmodSync(folder, 0o700)
  expect(ofOurs(folder)).toEqual([
    `${folder} is closed to the user tiercel, and the agent will not start`,
    `${folder}/src can be changed by its group, and root will run it`,
    `${folder}/src/main.ts can be changed by everybody, and root will run it`,
  ])
})

test('looks at what a link leads to', () => {
  const folder = checkout()
  chmodSync(folder, 0o700)
  const link = `${folder}.link`
  symlinkSync(join(folder, 'bin/tiercel'), link)
  onTestFinished(() => rmSync(link))
  expect(launcherRisks(link)).toContain(`${folder} is closed to the user tiercel, and the agent will not start`)
})
