/** A command as a person would type it, for screens and transcripts. */
export function commandText(file: string, args: readonly string[]): string {
  return [file, ...args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`))].join(
    ' ',
  )
}
