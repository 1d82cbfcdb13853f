/** Verifies the chains of a fleet's audit trail, here and not in its object: it reads every row. */
import { type AuditPage, ChainCheck, type ChainBreak } from "../../durable/rules/audit.ts";
import type { FleetApi } from "../../durable/rules/views.ts";

/** What the audit trail's chains say of it. */
export interface ChainVerdict {
  readonly holds: boolean;
  readonly checked: number;
  readonly unchained: number;
  readonly break: ChainBreak | null;
  readonly heads: readonly {
    readonly chain: string;
    readonly eventId: number;
    readonly hash: string;
  }[];
}

/** Old rows may be forgotten while the chains are read; the next attempt sees where they begin then. */
const ATTEMPTS = 3;

/** Null where there is no such fleet. */
export async function verifyAudit(fleet: FleetApi): Promise<ChainVerdict | null> {
  for (let attempt = 1; ; attempt++) {
    const followed = await follow(fleet);
    if (followed === null) return null;
    if (followed.verdict.holds || !followed.hasForgotten || attempt >= ATTEMPTS)
      return followed.verdict;
  }
}

async function follow(
  fleet: FleetApi,
): Promise<{ readonly verdict: ChainVerdict; readonly hasForgotten: boolean } | null> {
  const first = await fleet.audit(0);
  if (first === null) return null;
  const check = new ChainCheck(first.chains);
  let page: AuditPage = first;
  for (;;) {
    check.take(page.rows);
    const last = page.rows.at(-1);
    if (last === undefined || last.id >= check.untilId) break;
    const next = await fleet.audit(last.id);
    if (next === null) return null;
    page = next;
  }
  const found = check.end();
  const begins = ({ chains }: AuditPage): string =>
    JSON.stringify(chains.map(({ name, afterId }) => [name, afterId]));
  return {
    verdict: {
      holds: found === null,
      checked: check.checked,
      unchained: check.unchained,
      break: found,
      heads: first.chains.map(({ name, headId, headHash }) => ({
        chain: name,
        eventId: headId,
        hash: headHash,
      })),
    },
    hasForgotten: begins(first) !== begins(page),
  };
}
