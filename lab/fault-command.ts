import type { LabPaths } from './paths.ts'
export async function runFault(
  _paths: LabPaths,
  _args: readonly string[],
  _say: (line: string) => void,
): Promise<number> {
  return 1
}
