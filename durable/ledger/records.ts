/** Everything of the ledger but the instances: the fleet's own row, commands, overrides, pauses, holds. */
import type { Adoption, Bundle, Failing, Hold, Override, Pause } from "../rules/model.ts";
import type { Spec } from "../rules/spec.ts";
import type { Command, Outcome } from "../rules/world.ts";
import { number, numberOrNull, type Sql, text, textOrNull, type Value } from "./sql.ts";

export interface FleetRecord {
  readonly name: string;
  readonly owner: string;
  readonly incarnation: string;
  readonly bornAt: number;
  readonly spec: Spec;
  readonly specVersion: number;
  readonly removing: "gently" | "force" | null;
  readonly listed: boolean;
  readonly nextInstance: number;
  readonly nextCommand: number;
  readonly ticksReserved: number;
  readonly failedBoots: number;
  readonly tagValue: string | null;
  readonly tagGarbled: string | null;
  readonly tagRead: boolean;
  readonly retiredTags: readonly string[];
}

export function readFleet(sql: Sql): FleetRecord | null {
  const [row] = sql.rows("SELECT * FROM fleet");
  if (row === undefined) return null;
  const removing = textOrNull(row, "removing");
  return {
    name: text(row, "name"),
    owner: text(row, "owner"),
    incarnation: text(row, "incarnation"),
    bornAt: number(row, "bornAt"),
    spec: JSON.parse(text(row, "spec")) as Spec,
    specVersion: number(row, "specVersion"),
    removing: removing === "force" || removing === "gently" ? removing : null,
    listed: number(row, "listed") === 1,
    nextInstance: number(row, "nextInstance"),
    nextCommand: number(row, "nextCommand"),
    ticksReserved: number(row, "ticksReserved"),
    failedBoots: number(row, "failedBoots"),
    tagValue: textOrNull(row, "tagValue"),
    tagGarbled: textOrNull(row, "tagGarbled"),
    tagRead: number(row, "tagRead") === 1,
    retiredTags: JSON.parse(text(row, "retiredTags")) as string[],
  };
}

/** Writes the fleet's row if anything in it differs from `before`. */
export function writeFleet(sql: Sql, before: FleetRecord | null, after: FleetRecord): void {
  if (before !== null && isSame(before, after)) return;
  const values = encodeFleet(after);
  const columns = Object.keys(values);
  sql.rows(
    `INSERT OR REPLACE INTO fleet (id, ${columns.join(", ")}) VALUES (1, ${columns.map(() => "?").join(", ")})`,
    ...Object.values(values),
  );
}

/** A spec is replaced, never changed in place, so that its identity says enough. */
function isSame(before: FleetRecord, after: FleetRecord): boolean {
  const columns = Object.keys(after) as (keyof FleetRecord)[];
  return columns.every((column) => before[column] === after[column]);
}

function encodeFleet(record: FleetRecord): Record<string, Value> {
  return {
    ...record,
    spec: JSON.stringify(record.spec),
    listed: Number(record.listed),
    tagRead: Number(record.tagRead),
    retiredTags: JSON.stringify(record.retiredTags),
  };
}

export function insertCommand(sql: Sql, command: Command, now: number): void {
  sql.rows(
    "INSERT INTO commands (number, tick, issuedAt, command) VALUES (?, ?, ?, ?)",
    command.number,
    command.tick,
    now,
    JSON.stringify(command),
  );
}

/** Commands whose outcome was never heard. */
export function openCommands(sql: Sql): Command[] {
  return sql
    .rows("SELECT command FROM commands WHERE outcome IS NULL ORDER BY number")
    .map((row) => JSON.parse(text(row, "command")) as Command);
}

export function settleCommandRow(sql: Sql, outcome: Outcome, now: number): void {
  sql.rows(
    "UPDATE commands SET outcome = ?, settledAt = ? WHERE number = ? AND outcome IS NULL",
    JSON.stringify(outcome),
    now,
    outcome.number,
  );
}

export function forgetCommands(sql: Sql, before: number): void {
  sql.rows("DELETE FROM commands WHERE outcome IS NOT NULL AND issuedAt < ?", before);
}

export function readOverrides(sql: Sql): Override[] {
  return sql.rows("SELECT * FROM overrides ORDER BY startsAt").map((row) => ({
    id: text(row, "id"),
    expression: text(row, "expression"),
    from: number(row, "startsAt"),
    until: number(row, "endsAt"),
    reason: text(row, "reason"),
    actor: text(row, "actor"),
  }));
}

export function writeOverrides(sql: Sql, overrides: readonly Override[]): void {
  sql.rows("DELETE FROM overrides");
  for (const { id, expression, from, until, reason, actor } of overrides)
    sql.rows(
      "INSERT INTO overrides VALUES (?, ?, ?, ?, ?, ?)",
      id,
      expression,
      from,
      until,
      reason,
      actor,
    );
}

export function readPauses(sql: Sql): Pause[] {
  return sql.rows("SELECT * FROM pauses").map((row) => ({
    what: text(row, "what") as Pause["what"],
    since: number(row, "since"),
    until: numberOrNull(row, "endsAt"),
    reason: text(row, "reason"),
    actor: text(row, "actor"),
  }));
}

export function writePauses(sql: Sql, pauses: readonly Pause[]): void {
  sql.rows("DELETE FROM pauses");
  for (const { what, since, until, reason, actor } of pauses)
    sql.rows("INSERT INTO pauses VALUES (?, ?, ?, ?, ?)", what, since, until, reason, actor);
}

export function readHolds(sql: Sql): Hold[] {
  return sql.rows("SELECT * FROM holds").map((row) => ({
    guard: text(row, "guard") as Hold["guard"],
    subject: text(row, "subject"),
    since: number(row, "since"),
    until: number(row, "endsAt"),
    detail: text(row, "detail"),
  }));
}

export function writeHolds(sql: Sql, holds: readonly Hold[]): void {
  sql.rows("DELETE FROM holds");
  for (const { guard, subject, since, until, detail } of holds)
    sql.rows("INSERT INTO holds VALUES (?, ?, ?, ?, ?)", guard, subject, since, until, detail);
}

export function readFailing(sql: Sql): Failing[] {
  return sql.rows("SELECT * FROM failing").map((row) => ({
    call: text(row, "call") as Failing["call"],
    since: number(row, "since"),
    count: number(row, "count"),
    why: text(row, "why") as Failing["why"],
    words: text(row, "words"),
  }));
}

export function writeFailing(sql: Sql, failing: readonly Failing[]): void {
  sql.rows("DELETE FROM failing");
  for (const { call, since, count, why, words } of failing)
    sql.rows("INSERT INTO failing VALUES (?, ?, ?, ?, ?)", call, since, count, why, words);
}

export function readAdoptions(sql: Sql): Adoption[] {
  return sql.rows("SELECT * FROM adoptions ORDER BY since, name").map((row) => ({
    name: text(row, "name"),
    since: number(row, "since"),
    actor: text(row, "actor"),
  }));
}

export function writeAdoptions(sql: Sql, adoptions: readonly Adoption[]): void {
  sql.rows("DELETE FROM adoptions");
  for (const { name, since, actor } of adoptions)
    sql.rows("INSERT INTO adoptions VALUES (?, ?, ?)", name, since, actor);
}

export function readBundles(sql: Sql): Bundle[] {
  return sql.rows("SELECT * FROM bundles").map((row) => ({
    id: text(row, "id"),
    usdPerMonth: number(row, "usdPerMonth"),
    vcpus: number(row, "vcpus"),
  }));
}

export function writeBundles(sql: Sql, bundles: Iterable<Bundle>): void {
  for (const { id, usdPerMonth, vcpus } of bundles)
    sql.rows("INSERT OR REPLACE INTO bundles VALUES (?, ?, ?)", id, usdPerMonth, vcpus);
}
