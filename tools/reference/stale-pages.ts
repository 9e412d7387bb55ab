import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from './page.ts'

/** What is wrong with the generated documentation below a root; empty when it is current. */
export async function stalePages(pages: readonly Page[], root: string): Promise<string[]> {
  const paths = new Set(pages.map(({ path }) => path))
  const folder = 'docs/reference'
  const there = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []
  const stale: string[] = []
  for (const { path, text } of pages) {
    const file = join(root, path)
    if (!existsSync(file)) stale.push(`${path} is missing`)
    else if (readFileSync(file, 'utf8') !== (await text())) stale.push(`${path} is not current`)
  }
  return [
    ...stale,
    ...there
      .map((name) => `${folder}/${name}`)
      .filter((path) => !paths.has(path))
      .map((path) => `${path} is not generated`),
  ]
}
