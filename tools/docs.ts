/** `docs.ts` writes the generated documentation; `docs.ts --check` fails when it is not current. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pages } from './reference/pages.ts'
import { stalePages } from './reference/stale-pages.ts'

const root = join(import.meta.dirname, '..')

if (process.argv.includes('--check')) {
  const stale = await stalePages(pages, root)
  for (const fault of stale) console.error(fault)
  if (stale.length > 0) {
    console.error('Run: npm run docs')
    process.exitCode = 1
  }
} else {
  for (const { path, text } of pages) {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, await text())
    console.log(path)
  }
}
