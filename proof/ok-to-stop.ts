import { askWorld, type Asked } from './ok-to-stop-worlds.ts'
import { claim, type Proof } from './proof.ts'

const wholeWorlds = 100_000
/** Of the questions to which the truth is yes, with lists younger than ten seconds: how many may be answered otherwise. */
const mostNeedless = 0.01

/** What came of many questions. */
export interface Counted {
  worlds: number
  yes: number
  wrongYes: number[]
  /** Calm worlds in which nothing would break, and how many of these were not answered with yes. */
  fine: number
  needless: number
}

export async function askWorlds(count: number, seed: number, ask = askWorld): Promise<Counted> {
  const counted: Counted = { worlds: 0, yes: 0, wrongYes: [], fine: 0, needless: 0 }
  for (let number = seed; number < seed + count; number += 1) add(counted, number, await ask(number))
  return counted
}

function add(counted: Counted, seed: number, { verdict, broken, isFine, isCalm }: Asked): void {
  counted.worlds += 1
  if (verdict === 'ok') counted.yes += 1
  if (verdict === 'ok' && broken.length > 0) counted.wrongYes.push(seed)
  if (!isCalm || !isFine) return
  counted.fine += 1
  if (verdict !== 'ok') counted.needless += 1
}

/** Small clusters as they really are, and what `ok-to-stop` says of them: never yes where it is no. */
export const okToStop: Proof = {
  name: 'ok-to-stop',
  title: `${wholeWorlds.toLocaleString('en')} worlds with lists of different ages, against brute force over what they really have: no wrong yes`,
  async run({ share, seed, say }) {
    const count = Math.round(wholeWorlds * share)
    const { worlds, yes, wrongYes, fine, needless } = await askWorlds(count, seed * wholeWorlds)
    if (wrongYes.length > 0) say(`a wrong yes in the worlds ${wrongYes.slice(0, 20).join(', ')}`)
    claim(wrongYes.length === 0, `${wrongYes.length} of ${yes} answers are a wrong yes`)
    const part = needless / fine
    claim(part <= mostNeedless, `${(part * 100).toFixed(2)} % of ${fine} that are fine were not answered with yes`)
    return {
      worlds,
      'answered with yes': yes,
      'wrong yes': 0,
      'fine, with lists younger than 10 s': fine,
      'of these not answered with yes': `${needless} (${(part * 100).toFixed(2)} %)`,
    }
  },
}
