/** One generated page of the documentation. */
export interface Page {
  /** From the root of the tree. */
  path: string
  text: () => string | Promise<string>
}
