/** Looks that an operator orders: a dry run and the doctor change nothing, and leave a trace. */
import { expect, it } from "vitest";
import { readEvents } from "../../durable/ledger/events.ts";
import { noteLook } from "../../durable/operate.ts";
import { aFleet, OLGA, stateOf, unborn, wanted } from "./fleet-builder.ts";

const EVERYTHING = { since: null, until: null, kind: null, instance: null, before: null };

it("a dry run and a doctor's look stand in the audit trail, with who wanted them and no script", () => {
  const fleet = aFleet({});
  const before = stateOf(fleet);
  const { spec } = wanted({ userData: "#!/bin/sh\nhush-hush" });

  noteLook(fleet.engine, { kind: "dryRun", spec }, OLGA, fleet.now);
  noteLook(fleet.engine, { kind: "doctor" }, OLGA, fleet.now);

  const events = readEvents(fleet.sql, { ...EVERYTHING, limit: 2 });
  expect(events.map(({ kind, actor }) => [kind, actor])).toEqual([
    ["doctor", "olga"],
    ["dryRun", "olga"],
  ]);
  expect(events[1]?.data).toMatchObject({ spec: { health: spec.health, userData: { bytes: 19 } } });
  expect(JSON.stringify(events)).not.toContain("hush-hush");
  expect(stateOf(fleet).spec).toEqual(before.spec);
});

it("a dry run of a fleet that there is not leaves no ledger behind", () => {
  const fleet = unborn();

  noteLook(fleet.engine, { kind: "dryRun", spec: wanted({}).spec }, OLGA, fleet.now);

  expect(fleet.sql.rows("SELECT name FROM sqlite_master")).toEqual([]);
});
