// Apart from the schemas beside it: `tiercel agent stdio` loads this, and little else.

/** Where the token lies by which a host is given to a controller. */
export const grantTokenFile = '/etc/tiercel/grant.token'

/** Whose members may read it. */
export const grantGroup = 'tiercel-grant'

/** The header that carries it: whoever has it may say whom the host obeys, and it lets in to nothing else. */
export const grantHeader = 'tiercel-grant'
