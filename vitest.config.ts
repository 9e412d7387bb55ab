import { availableParallelism } from 'node:os'

import { defineConfig } from 'vitest/config'

/** `unit` needs no root, no network and no lab; `platform` runs against the real programs (npm run test:platform). */
export default defineConfig({
  test: {
    // One more than there are processors: many tests wait for processes they started. Vitest's own choice is one less,
    // which on two processors is one after the other.
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 60_000,
          hookTimeout: 60_000,
          include: ['{src,test,lab,tools,bench,proof}/**/*.test.ts'],
          exclude: ['test/platform/**', 'node_modules/**'],
        },
      },
      {
        test: {
          name: 'platform',
          include: ['test/platform/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
