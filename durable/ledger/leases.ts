/** The leases that dispatchers hold. Only those that changed are written. */
import { type Leases, withLeases } from "../rules/leases.ts";
import type { Lease } from "../rules/model.ts";
import { number, numberOrNull, type Sql, text, textOrNull } from "./sql.ts";

export function readLeases(sql: Sql): Leases {
  const leases = sql.rows("SELECT * FROM leases ORDER BY givenAt, id").map((row) => ({
    id: text(row, "id"),
    key: textOrNull(row, "key"),
    instance: text(row, "instance"),
    actor: text(row, "actor"),
    givenAt: number(row, "givenAt"),
    ttlMs: number(row, "ttlMs"),
    expiresAt: number(row, "expiresAt"),
    usedAt: numberOrNull(row, "usedAt"),
    auditedAt: number(row, "auditedAt"),
  }));
  return withLeases(new Map(), leases);
}

/** Leases, and the list of them on a server, are replaced and never changed in place: their identity says enough. */
export function writeLeases(sql: Sql, before: Leases, after: Leases): void {
  for (const [instance, leases] of before) {
    const kept = after.get(instance) ?? [];
    if (kept === leases) continue;
    const ids = new Set(kept.map(({ id }) => id));
    for (const { id } of leases) if (!ids.has(id)) sql.rows("DELETE FROM leases WHERE id = ?", id);
  }
  for (const [instance, leases] of after) {
    const known = before.get(instance) ?? [];
    if (known === leases) continue;
    const same = new Set(known);
    for (const lease of leases) if (!same.has(lease)) writeLease(sql, lease);
  }
}

function writeLease(sql: Sql, lease: Lease): void {
  const { id, key, instance, actor, givenAt, ttlMs, expiresAt, usedAt, auditedAt } = lease;
  sql.rows(
    "INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    id,
    key,
    instance,
    actor,
    givenAt,
    ttlMs,
    expiresAt,
    usedAt,
    auditedAt,
  );
}
