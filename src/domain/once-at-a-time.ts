/**
 * Whoever asks for something while it is under way has that answer, or that error; whoever asks afterwards has it made anew.
 * What is asked for is told apart by its key.
 */
export function onceAtATime<T>(): (key: string, make: () => Promise<T>) => Promise<T> {
  const underWay = new Map<string, Promise<T>>()
  return (key, make) => {
    const made = underWay.get(key) ?? make().finally(() => underWay.delete(key))
    underWay.set(key, made)
    return made
  }
}
