import { gatingGuests } from '../lab/images.ts'
import { Lab } from '../lab/open-lab.ts'
import { cutPowerAgain } from './crash-lab-cuts.ts'
import { killAgain } from './crash-lab-kills.ts'
import { claim, type Proof } from './proof.ts'

/** How often each, in the whole. */
const times = 20

/** On real hosts, real systemd, real OpenZFS: whatever is killed, and whenever the power goes, every run ends right. */
export const crashLab: Proof = {
  name: 'crash-lab',
  title: `${times} kills and ${times} power cuts on the lab: every run ends right, nothing is done twice, no lock is left`,
  async run({ share, seed, say }) {
    const lab = new Lab()
    claim(lab.isUp, 'the lab is not up: npm run lab -- up')
    const guests = gatingGuests
    const count = Math.max(guests.length, Math.round(times * share))
    const kills = await killAgain(lab, guests, { count, seed, say })
    const cuts = await cutPowerAgain(lab, guests, { count, seed, say })
    return { ...kills, ...cuts }
  },
}
