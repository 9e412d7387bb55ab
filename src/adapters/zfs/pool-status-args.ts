/**
 * The arguments of `zpool` by which we ask for the status of all pools: exact numbers (`-p`), whole paths (`-P`), slow I/Os (`-s`), and with
 * `errors` the damaged files (`-v`), which takes root. Never `--json-int`: it saturates and rounds guids (2.3.9).
 */
export function poolStatusArgs({ json, errors }: { json: boolean; errors: boolean }): string[] {
  return ['status', ...(json ? ['-j'] : []), '-p', '-P', '-s', ...(errors ? ['-v'] : [])]
}
