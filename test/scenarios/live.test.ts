import { expect, test } from 'vitest'
import { arcs } from '../../src/cli/arc.ts'
import { disks } from '../../src/cli/disks-noun.ts'
import { iostat } from '../../src/cli/iostat.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { observeWorld } from '../../src/sim/observed-fleet.ts'

test('a simulated fleet does what its world says: a hundred operations a second on each disk', async () => {
  const fleet = await observeWorld(createWorld({ pins: 20 }), 'test')
  const view = await fleet.look()
  await fleet.close()
  const hot = iostat(view, { pool: ['n1/hot-tier'], disks: true }).rows
  expect(hot.map((cells) => cells.slice(0, 3))).toEqual([
    ['fleet', '80', '120'],
    ['n1/hot-tier', '80', '120'],
    ['  n1/hot-tier/sda', '40', '60'],
    ['  n1/hot-tier/sdb', '40', '60'],
  ])
  expect(disks.items(view)).toHaveLength(33)
  expect(arcs(view).rows.every((cells) => /^9\d/.test(cells[4] ?? ''))).toBe(true)
})
