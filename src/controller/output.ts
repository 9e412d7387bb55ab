/** Where the commands of a controller write. */
export interface Output {
  write(line: string): void
  error(line: string): void
}
