import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checks } from '../../src/domain/health/checks/index.ts'
import { Tier } from '../../src/domain/fleet.ts'
import { DurationText, PercentText } from '../../src/domain/text-units.ts'
import { durationInFile, percentInFile } from './file-units.ts'
import { healthPage } from './health-page.ts'
import { pages } from './pages.ts'
import { schemaPage } from './schema-page.ts'
import { stalePages } from './stale-pages.ts'

const root = join(import.meta.dirname, '../..')

test('the generated documentation is current (otherwise: npm run docs)', async () => {
  expect(await stalePages(pages, root)).toEqual([])
})

/** What is found of a written documentation after a change to it. */
const written = async (change: (folder: string) => void): Promise<string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-docs-'))
  try {
    for (const { path, text } of pages) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), await text())
    }
    change(folder)
    return await stalePages(pages, folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('a page that is not current', () => {
  test('is named', async () => {
    expect(await written(() => {})).toEqual([])
    const path = 'docs/reference/health.md'
    expect(await written((folder) => rmSync(join(folder, path)))).toEqual([`${path} is missing`])
    expect(
      await written((folder) => writeFileSync(join(folder, path), `${readFileSync(join(folder, path), 'utf8')}x`)),
    ).toEqual([`${path} is not current`])
    expect(await written((folder) => writeFileSync(join(folder, 'docs/reference/old.md'), 'x'))).toEqual([
      'docs/reference/old.md is not generated',
    ])
  })
})

test('the page on health has a section for every check, and links to it', () => {
  const page = healthPage()
  for (const { code, title } of checks) {
    expect(page).toContain(`\n## ${code}\n\n**${title}.**`)
    expect(page).toContain(`](#${code.toLowerCase()})`)
  }
})

describe('a schema for editors', () => {
  const Page = z.object({
    properties: z.object({ poolFill: z.object({ properties: z.record(z.string(), z.unknown()) }) }),
  })

  test('shows defaults as they are written', () => {
    const { properties } = Page.parse(JSON.parse(schemaPage(Tier, 'A tier')))
    expect(properties.poolFill.properties).toMatchObject({ warning: { type: 'string', default: '80%' } })
  })

  test('describes what is written, not what is read from it', () => {
    expect(JSON.parse(schemaPage(z.object({ after: DurationText, share: PercentText }), 'x'))).toMatchObject({
      properties: { after: { type: 'string' }, share: { type: 'string' } },
    })
  })
})

test.each([
  [500, '500ms'],
  [1000, '1s'],
  [90_000, '90s'],
  [3_024_000_000, '35d'],
  [0, '0ms'],
])('%d ms are written %s, and read back', (milliseconds, text) => {
  expect(durationInFile(milliseconds)).toBe(text)
  expect(DurationText.parse(text)).toBe(milliseconds)
})

test.each([
  [0.8, '80%'],
  [0.07, '7%'],
  [0.125, '12.5%'],
])('the share %d is written %s, and read back', (share, text) => {
  expect(percentInFile(share)).toBe(text)
  expect(PercentText.parse(text)).toBe(share)
})
