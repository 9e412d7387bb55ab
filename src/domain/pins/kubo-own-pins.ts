/**
 * What `ipfs init` pins by itself: the empty directory (for IPNS and MFS), and the directory of help files. They are in every
 * Kubo, and no orphans (recorded from Kubo 0.43: `pin-ls.http`).
 */
export const kuboOwnPins: ReadonlySet<string> = new Set([
  'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn',
  'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354',
  'QmQPeNsJPyVWPFDVHb77w8G42Fvo15z4bG2X8D2GhfbSXc',
])
