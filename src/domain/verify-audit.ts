import type { Audit, AuditPage } from './ports/audit.ts'

/**
 * Reads the whole chain of an audit, page by page, up to its first fault. That its end was cut off cannot be seen here: compare
 * `last` with an entry that was noted elsewhere.
 */
export async function verifyAudit(audit: Pick<Audit, 'verifyPage'>): Promise<Omit<AuditPage, 'isEnd'>> {
  for (let page: AuditPage = { last: null, fault: null, isEnd: false }; ;) {
    page = await audit.verifyPage(page.last)
    const { last, fault } = page
    if (page.isEnd || fault !== null) return { last, fault }
  }
}
