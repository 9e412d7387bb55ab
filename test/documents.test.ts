import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('reference/'))
    .map((name) => join('docs', name)),
]

/** Links to files, and paths in backticks that begin with a folder of ours; what holds a placeholder is left alone. */
function missing(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) =>
    relative(root, join(root, dirname(page), target)),
  )
  const paths = [...text.matchAll(/`((?:src|test|lab|docs|tools|bin|\.ci)\/[^`\s]*)`/g)].map(([, path = '']) => path)
  return [...links, ...paths]
    .filter((path) => !/[A-Z]{3,}|[*{…]/.test(path.replace(/[A-Z]+\.md$/, '')))
    .filter((path) => !existsSync(join(root, path)))
    .map((path) => `${page} names ${path}, which does not exist`)
}

test.each(pages)('%s names only files that exist', (page) => {
  expect(missing(page, readFileSync(join(root, page), 'utf8'))).toEqual([])
})

test('a file that does not exist is reported by name', () => {
  expect(missing('docs/x.md', 'see [y](y.md), `src/nowhere.ts` and `test/fixtures/openzfs-VERSION/`')).toEqual([
    'docs/x.md names docs/y.md, which does not exist',
    'docs/x.md names src/nowhere.ts, which does not exist',
  ])
})
