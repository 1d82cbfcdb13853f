import type { AuditRow } from "./rules/audit.ts";

/**
 * A copy of the audit trail outside of the ledger, for Logpush or a tail: with the hash of each row, and
 * without its data, in which a whole spec may stand.
 */
export function copyAudit(fleet: string, rows: readonly AuditRow[]): void {
  for (const { id, at, kind, instance, actor, message, chain, hash } of rows) {
    const row = { id, at, kind, instance, actor, message, chain, hash };
    console.log(JSON.stringify({ event: "audit", fleet, ...row }));
  }
}
