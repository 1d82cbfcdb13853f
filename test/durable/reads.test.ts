/**
 * The attack: somebody who may only read asks for what takes the object's thread the longest. It is work
 * that is counted here, not time: how many rows a read may look through in a ledger that is full.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { readEvidence } from "../../durable/ledger/evidence.ts";
import { markedEvents, readEvents } from "../../durable/ledger/events.ts";
import { migrate } from "../../durable/ledger/migrations.ts";
import type { Sql } from "../../durable/ledger/sql.ts";
import type { EventQuery } from "../../durable/rules/views.ts";
import { nodeSql } from "../virtual/node-sql.ts";
import { NOW } from "./rules/builders.ts";

const sql = nodeSql();
beforeAll(() => migrate(sql, NOW));

/** How SQLite would run each statement of a read, in its own words. */
function plansOf(read: (watched: Sql) => unknown): string[] {
  const plans: string[] = [];
  read({
    ...sql,
    rows: (statement, ...bindings) => {
      for (const { detail } of sql.rows(`EXPLAIN QUERY PLAN ${statement}`, ...bindings))
        plans.push(String(detail));
      return sql.rows(statement, ...bindings);
    },
  });
  return plans;
}

const EVERYTHING: EventQuery = {
  since: null,
  until: null,
  kind: null,
  instance: null,
  before: null,
  limit: 200,
};

describe("a read of the audit trail", () => {
  it.each([
    ["kind", { kind: "nothing" }, "SEARCH events USING INDEX eventsByKind (kind=?)"],
    [
      "instance",
      { instance: "media-k3-1" },
      "SEARCH events USING INDEX eventsByInstance (instance=?)",
    ],
    ["page", { before: 4_000 }, "SEARCH events USING INTEGER PRIMARY KEY (rowid<?)"],
    ["kind and a page", { kind: "nothing", before: 9 }, "eventsByKind (kind=? AND rowid<?)"],
  ])("looks up those of a %s, and sorts nothing", (_, query, plan) => {
    const plans = plansOf((watched) => readEvents(watched, { ...EVERYTHING, ...query }));

    expect(plans).toEqual([expect.stringContaining(plan)]);
  });

  it("of all kinds ends with the page", () => {
    expect(plansOf((watched) => readEvents(watched, EVERYTHING))).toEqual(["SCAN events"]);
  });

  it("for the chart looks at the few kinds that it marks", () => {
    const plans = plansOf((watched) => markedEvents(watched, NOW, 9));

    expect(plans[0]).toContain("USING INDEX eventsMarked");
  });
});

describe("what the doctor asks", () => {
  it("looks up the newest of each kind of call, and parses no other", () => {
    const plans = plansOf(readEvidence);

    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) expect(plan).toMatch(/^SEARCH (events|commands) USING INDEX /u);
  });
});
