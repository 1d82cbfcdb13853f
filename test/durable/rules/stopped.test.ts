import { expect, test } from "vitest";
import { retireStopped } from "../../../durable/rules/stopped.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { absorbListing } from "../../../durable/rules/absorb-listing.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { aCloudInstance, aRow, aState, complete, MINUTE_MS, NOW } from "./builders.ts";

const OFF = { stoppedSince: NOW - 16 * MINUTE_MS } as const;
const CORDONED = { phase: "draining", drainReason: "replace", cordonedAt: NOW - 4 * MINUTE_MS } as const;

function retired(row: Instance): readonly Instance[] {
  const state = aState({ rows: [row] });
  return retireStopped(state, tally(state)).rows;
}

test("a server that is listed as stopped is noted once, with an event", () => {
  const row = aRow({ name: "media-k3-1", phase: "ready" });
  const stopped = aCloudInstance({ name: row.name, arn: row.arn ?? "", state: "stopped" });
  const state = aState({ rows: [row] });

  const moves = absorbListing(state, complete([stopped]));

  expect(moves.rows).toMatchObject([{ phase: "ready", stoppedSince: NOW }]);
  expect(moves.events).toMatchObject([{ kind: "stopped", instance: row.name }]);
});

test("one that runs again is not stopped any more", () => {
  const row = aRow({ name: "media-k3-1", phase: "ready", ...OFF });
  const running = aCloudInstance({ name: row.name, arn: row.arn ?? "", state: "running" });

  const moves = absorbListing(aState({ rows: [row] }), complete([running]));

  expect(moves.rows).toMatchObject([{ stoppedSince: null }]);
});

test("a state that we do not know does not make a server stopped", () => {
  const row = aRow({ name: "media-k3-1", phase: "ready" });
  const strange = aCloudInstance({ name: row.name, arn: row.arn ?? "", state: "hibernating" });

  const moves = absorbListing(aState({ rows: [row] }), complete([strange]));

  expect(moves.rows.every(({ stoppedSince }) => stoppedSince === null)).toBe(true);
});

test("a server that has been off for a quarter of an hour is cordoned first", () => {
  const [row] = retired(aRow({ phase: "ready", ...OFF }));

  expect(row).toMatchObject({ phase: "draining", drainReason: "replace", cordonedAt: NOW });
});

test("one that was off for a shorter time is not", () => {
  expect(retired(aRow({ phase: "ready", stoppedSince: NOW - 14 * MINUTE_MS }))).toEqual([]);
});

test("an adopted one is left to a person", () => {
  expect(retired(aRow({ phase: "ready", adopted: true, createdByUs: false, ...OFF }))).toEqual([]);
});

test("one that is still listed as off long after its cordon is deleted", () => {
  expect(retired(aRow({ ...CORDONED, ...OFF }))).toMatchObject([{ phase: "deleting" }]);
});

test("a listing that may be older than the cordon deletes nothing", () => {
  expect(retired(aRow({ ...CORDONED, cordonedAt: NOW - 2 * MINUTE_MS, ...OFF }))).toEqual([]);
});

test("stopped servers neither count as spares nor make the eyes blind", () => {
  const rows = ["a", "b", "c"].map((name) => aRow({ name, phase: "ready", ...OFF }));

  expect(tally(aState({ rows }))).toMatchObject({ spares: 0, sessions: 0, blind: false, unknown: 3 });
});
