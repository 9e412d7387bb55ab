/** What of an address of a database may be shown, and what must not be. */
export interface PostgresAddress {
  /** `PostgreSQL database tiercel at db.example.org:5432` */
  called: string
  /** A text of the server or of the driver, without what is secret in the address. */
  redact: (text: string) => string
}

export function readAddress(url: string): PostgresAddress {
  // `postgres://user@/database?host=/folder`, as libpq takes it, is no URL to others.
  const whole = url.replace('@/', '@localhost/')
  if (!URL.canParse(whole)) return { called: 'the PostgreSQL database', redact: hide([url]) }
  const { hostname, port, pathname, password, searchParams } = new URL(whole)
  const host = searchParams.get('host') ?? hostname
  const database = decodeURIComponent(pathname.slice(1))
  const inQuery = searchParams.get('password') ?? ''
  return {
    called: `PostgreSQL database ${database} at ${host}${port === '' ? '' : `:${port}`}`,
    redact: hide([url, password, decoded(password), inQuery]),
  }
}

function hide(secrets: readonly string[]): (text: string) => string {
  const told = secrets.filter((secret) => secret !== '')
  return (text) => told.reduce((shown, secret) => shown.replaceAll(secret, '…'), text)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
