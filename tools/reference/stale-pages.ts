import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from './page.ts'

/** What is wrong with the generated documentation below a root; empty when it is current. */
export function stalePages(pages: readonly Page[], root: string): string[] {
  const paths = new Set(pages.map(({ path }) => path))
  const folder = 'docs/reference'
  const there = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []
  return [
    ...pages.flatMap(({ path, text }) => {
      const file = join(root, path)
      if (!existsSync(file)) return [`${path} is missing`]
      return readFileSync(file, 'utf8') === text() ? [] : [`${path} is not current`]
    }),
    ...there
      .map((name) => `${folder}/${name}`)
      .filter((path) => !paths.has(path))
      .map((path) => `${path} is not generated`),
  ]
}
