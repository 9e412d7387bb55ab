import type { Audit, AuditPage } from './ports/audit.ts'

/**
 * Reads the whole chain of an audit, page by page, up to its first fault. That its end was cut off cannot be seen here: compare
 * `last` with an entry that was noted elsewhere.
 */
export async function verifyAudit(audit: Pick<Audit, 'verifyPage'>): Promise<Omit<AuditPage, 'isEnd'>> {
  let page = await audit.verifyPage(null)
  while (!page.isEnd && page.fault === null) page = await audit.verifyPage(page.last)
  return page
}
