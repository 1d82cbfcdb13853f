/** What AWS has shown of itself: its token buckets, which operations share one, and what it accepts. */
import {
  type Apart,
  BUCKETS,
  type BucketName,
  type BucketRecord,
  type Budget,
} from "../rules/budget.ts";
import { type Lessons, NO_LESSONS } from "../rules/state.ts";
import { number, type Sql, text } from "./sql.ts";

export function readBuckets(sql: Sql): BucketRecord[] {
  return sql.rows("SELECT * FROM buckets").map((row) => ({
    name: text(row, "name") as BucketName,
    ratePerSecond: number(row, "ratePerSecond"),
    capacity: number(row, "capacity"),
    refusedAt: number(row, "refusedAt"),
  }));
}

export function readApart(sql: Sql): Apart {
  const lessons = allOf(sql);
  return {
    reads: Number(lessons.get("readsApart") ?? 0),
    writes: Number(lessons.get("writesApart") ?? 0),
  };
}

/** Only a refusal changes what is kept of a bucket. */
export function writeBudget(sql: Sql, before: Budget, after: Budget): void {
  for (const name of BUCKETS) {
    const { ratePerSecond, capacity, refusedAt } = after.buckets[name];
    if (refusedAt === before.buckets[name].refusedAt || ratePerSecond === null) continue;
    sql.rows(
      "INSERT OR REPLACE INTO buckets (name, ratePerSecond, capacity, refusedAt) VALUES (?, ?, ?, ?)",
      name,
      ratePerSecond,
      capacity,
      refusedAt,
    );
  }
  if (before.apart.reads !== after.apart.reads) write(sql, "readsApart", after.apart.reads);
  if (before.apart.writes !== after.apart.writes) write(sql, "writesApart", after.apart.writes);
}

export function readLessons(sql: Sql): Lessons {
  const said = allOf(sql).get("portsWhilePending");
  if (said !== "accepted" && said !== "refused") return NO_LESSONS;
  return { portsWhilePending: said };
}

export function writeLessons(sql: Sql, { portsWhilePending }: Lessons): void {
  write(sql, "portsWhilePending", portsWhilePending);
}

function write(sql: Sql, name: string, value: string | number): void {
  sql.rows("INSERT OR REPLACE INTO lessons (name, value) VALUES (?, ?)", name, String(value));
}

function allOf(sql: Sql): ReadonlyMap<string, string> {
  const rows = sql.rows("SELECT name, value FROM lessons");
  return new Map(rows.map((row) => [text(row, "name"), text(row, "value")]));
}
