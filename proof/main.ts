import { appendFileSync } from 'node:fs'
import { Command, InvalidArgumentError, Option } from 'commander'
import { proofs } from './index.ts'
import type { ProofOptions } from './proof.ts'

const share = (text: string): number => {
  const value = Number(text)
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('A share is more than 0 and at most 1.')
  return value
}
const seed = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('A seed is a whole number.')
  return value
}

const command = prepared()
const {
  share: part,
  seed: chosen,
  store,
  report,
} = command.opts<{ share: number; seed: number; store: ProofOptions['store']; report?: string }>()
const wanted = command.args.length === 0 ? proofs : proofs.filter(({ name }) => command.args.includes(name))
let failed = 0
for (const { name, title, run } of wanted) {
  const began = Date.now()
  console.log(`${name}: ${title}`)
  let verdict = 'holds'
  try {
    const figures = await run({ share: part, seed: chosen, store, say: (line) => console.log(`  ${line}`) })
    for (const [what, value] of Object.entries(figures)) console.log(`  ${what}: ${value}`)
  } catch (error) {
    failed += 1
    verdict = 'DOES NOT HOLD'
    console.error(error)
  }
  console.log(`${name}: ${verdict} (share ${part}, seed ${chosen}, ${Math.round((Date.now() - began) / 1000)} s)`)
  if (report !== undefined) appendFileSync(report, `${verdict === 'holds' ? 'passed' : 'failed'} ${name}\n`)
}
console.log(`${wanted.length - failed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function prepared(): Command {
  const program = new Command('proof')
    .description('Long proofs: what takes too long for every run of the tests')
    .argument('[names...]', 'which; all otherwise')
    .addOption(new Option('--share <share>', 'how much of each, 0.1 for a tenth').argParser(share).default(1))
    .addOption(new Option('--seed <number>', 'makes the same choices again').argParser(seed).default(1))
    .addOption(
      new Option('--store <kind>', 'of the controller, where a proof has one: `crash`')
        .choices(['sqlite', 'postgresql'])
        .default('sqlite'),
    )
    .option('--report <file>', 'adds a line to this file for each: passed NAME or failed NAME')
    .option('--list', 'only name them')
    .addHelpText('after', '\nExample:\n  npm run proof -- diverged --share 0.1')
    .parse()
  const unknown = program.args.filter((name) => !proofs.some((proof) => proof.name === name))
  if (unknown.length > 0) {
    console.error(`no proof ${unknown.join(', ')}; there are: ${proofs.map(({ name }) => name).join(', ')}`)
    process.exit(2)
  }
  if (program.opts<{ list?: true }>().list === true) {
    for (const { name, title } of proofs) console.log(`${name.padEnd(16)} ${title}`)
    process.exit(0)
  }
  return program
}
