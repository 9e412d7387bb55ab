import { storeDataset } from '../pools.ts'
import { inTarget, targetPool, type Fault } from './fault.ts'

export const fillStore: Fault = {
  name: 'fill',
  mendName: 'empty',
  title: "a store's dataset is filled with a file until this share of what it can hold is used",
  takes: ['guest', 'pool', 'share'],
  async break(lab, target) {
    const pool = targetPool(target, 'hot-tier')
    const store = storeDataset(pool)
    const percent = Math.round((target.share ?? 0.85) * 1000) / 10
    // Files of their own for each share: a store that is to be fuller keeps what is there.
    // Zeroes take their full size without compression. Several turns: what a file costs beside its data is known afterwards only.
    await inTarget(
      lab,
      target,
      `zfs list -H -o name ${store}/lab-fill > /dev/null 2>&1 || zfs create -o compression=off -o recordsize=1M ${store}/lab-fill
for turn in 1 2 3 4 5 6; do
  zpool sync ${pool.name}
  set -- $(zfs get -Hp -o value used,available ${store})
  missing=$(awk -v used=$1 -v free=$2 'BEGIN { printf "%d", (used + free) * ${percent} / 100 - used }')
  test "$missing" -le 0 && exit 0
  dd if=/dev/zero of=/${store}/lab-fill/to-${percent}-$turn bs=1M count=$((missing / 1048576 + 1)) conv=fsync status=none
done
echo "${store} could not be filled to ${percent} %: $(zfs get -Hp -o value used,available ${store} | tr '\\n' ' ')" >&2
exit 1`,
      300_000,
    )
  },
  async mend(lab, target) {
    const pool = targetPool(target, 'hot-tier')
    await inTarget(
      lab,
      target,
      `zfs destroy -r ${storeDataset(pool)}/lab-fill 2> /dev/null || true
for turn in $(seq 30); do
  zpool sync ${pool.name}
  test "$(zpool get -Hp -o value freeing ${pool.name})" = 0 && exit 0
  sleep 1
done`,
    )
  },
}
