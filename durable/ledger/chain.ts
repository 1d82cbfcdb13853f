/** The chains of the audit trail in their tables: the rule of it is in `rules/audit.ts`. */
import { type AuditPage, type AuditRow, type Chain, linked } from "../rules/audit.ts";
import { number, type Sql, text, textOrNull } from "./sql.ts";

const PAGE_ROWS = 1000;
/** A page of launch scripts must not become a long read, nor one that no RPC carries. */
const PAGE_CHARACTERS = 512 * 1024;

export function readChains(sql: Sql): Chain[] {
  return sql.rows("SELECT * FROM chains ORDER BY name").map((row) => ({
    name: text(row, "name") as Chain["name"],
    bornAfterId: number(row, "bornAfterId"),
    afterId: number(row, "afterId"),
    afterHash: text(row, "afterHash"),
    headId: number(row, "headId"),
    headHash: text(row, "headHash"),
  }));
}

/** Appends a row to its chain. Call it inside the transaction of what the row tells. */
export function appendRow(
  sql: Sql,
  draft: Omit<AuditRow, "id" | "hash" | "chain"> & { readonly chain: Chain["name"] },
): AuditRow {
  const chains = readChains(sql);
  const chain = chains.find(({ name }) => name === draft.chain);
  if (chain === undefined) throw new Error(`the ledger has no chain ${draft.chain}`);
  const [newest] = sql.rows("SELECT coalesce(max(id), 0) AS id FROM events");
  const ids = [Number(newest?.["id"] ?? 0), ...chains.map(({ headId }) => headId)];
  const unhashed = { ...draft, id: Math.max(...ids) + 1 };
  const row = { ...unhashed, hash: linked(chain.headHash, unhashed) };
  const { id, at, tick, kind, instance, actor, message, data, hash } = row;
  sql.rows(
    "INSERT INTO events (id, at, tick, kind, instance, actor, message, data, chain, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    id,
    at,
    tick,
    kind,
    instance,
    actor,
    message,
    data,
    row.chain,
    hash,
  );
  sql.rows("UPDATE chains SET headId = ?, headHash = ? WHERE name = ?", id, hash, row.chain);
  return row;
}

/** Forgets the oldest rows of a chain: those before the row with `firstKept`, or all of them. */
export function forgetBefore(sql: Sql, chain: Chain["name"], firstKept: number | null): void {
  const until = firstKept ?? Number.MAX_SAFE_INTEGER;
  const [last] = sql.rows(
    "SELECT id, hash FROM events WHERE chain = ? AND id < ? ORDER BY id DESC LIMIT 1",
    chain,
    until,
  );
  if (last === undefined) return;
  sql.rows(
    "UPDATE chains SET afterId = ?, afterHash = ? WHERE name = ?",
    number(last, "id"),
    text(last, "hash"),
    chain,
  );
  sql.rows("DELETE FROM events WHERE chain = ? AND id < ?", chain, until);
}

/** The rows after an id, oldest first, and the chains at that moment. */
export function auditPage(sql: Sql, afterId: number): AuditPage {
  const rows = sql.rows(
    `SELECT * FROM events WHERE id IN (
        SELECT id FROM (
          SELECT id, sum(length(data)) OVER (ORDER BY id) - length(data) AS before
          FROM (SELECT id, data FROM events WHERE id > ? ORDER BY id LIMIT ${PAGE_ROWS}))
        WHERE before < ${PAGE_CHARACTERS})
      ORDER BY id`,
    afterId,
  );
  return { chains: readChains(sql), rows: rows.map((row) => rowOf(row)) };
}

function rowOf(row: Parameters<typeof number>[0]): AuditRow {
  return {
    id: number(row, "id"),
    at: number(row, "at"),
    tick: number(row, "tick"),
    kind: text(row, "kind"),
    instance: textOrNull(row, "instance"),
    actor: text(row, "actor"),
    message: text(row, "message"),
    data: text(row, "data"),
    chain: textOrNull(row, "chain"),
    hash: textOrNull(row, "hash"),
  };
}
