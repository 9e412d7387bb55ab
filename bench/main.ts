import { cpus } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { table } from './table.ts'
import { benchmarks } from './index.ts'

const pins = (text: string): number => {
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('A number of pins: 100000.')
  return value
}

const command = new Command('bench')
  .description('Measures against the bare commands and the runbook, in one run; tables go into docs/benchmarks.md')
  .argument('[names...]', `which, of ${benchmarks.map(({ name }) => name).join(', ')}; all otherwise`)
  .addOption(new Option('--pins <count>', 'how many pins the real peer holds').argParser(pins).default(100_000))
  .addHelpText('after', '\nExample:\n  npm run bench -- inventory --pins 1000000')
  .parse()
const unknown = command.args.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name))
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${benchmarks.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const [processor] = cpus()
console.log(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${processor?.model ?? 'an unknown processor'}\n`,
)
for (const { name, title, run } of benchmarks) {
  if (command.args.length > 0 && !command.args.includes(name)) continue
  console.log(`## ${name}: ${title}\n`)
  const figures = await run({
    pins: command.opts<{ pins: number }>().pins,
    say: (line) => console.error(`  ${line}`),
  })
  for (const line of table(figures)) console.log(line)
  console.log('')
}
process.exit(0)
