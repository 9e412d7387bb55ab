import { InvalidArgumentError } from 'commander'

/** How many of a list a person wants at once. */
export function pageSize(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 500) throw new InvalidArgumentError('From 1 to 500.')
  return count
}
