import { expect, test } from "vitest";
import { retireStopped } from "../../../durable/rules/stopped.ts";
import { occupancyOf, tally } from "../../../durable/rules/occupancy.ts";
import { absorbListing } from "../../../durable/rules/absorb-listing.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import type { CloudInstance } from "../../../durable/rules/world.ts";
import { aCloudInstance, aRow, aState, complete, freshFor, MINUTE_MS, NOW } from "./builders.ts";

const OFF = { stoppedSince: NOW - 16 * MINUTE_MS } as const;
const CORDONED = {
  phase: "draining",
  drainReason: "replace",
  cordonedAt: NOW - 4 * MINUTE_MS,
} as const;

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

test("nor is one that somebody is starting again", () => {
  const row = aRow({ name: "media-k3-1", phase: "draining", ...OFF });
  const pending = aCloudInstance({ name: row.name, arn: row.arn ?? "", state: "pending" });

  const moves = absorbListing(aState({ rows: [row] }), complete([pending]));

  expect(moves.rows).toMatchObject([{ stoppedSince: null }]);
});

test("an adopted one that AWS never started is off", () => {
  const row = aRow({ name: "media-k3-1", phase: "ready", adopted: true, createdByUs: false });
  const pending = aCloudInstance({ name: row.name, arn: row.arn ?? "", state: "pending" });

  const moves = absorbListing(aState({ rows: [row] }), complete([pending]));

  expect(moves.rows).toMatchObject([{ stoppedSince: NOW }]);
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

  expect(tally(aState({ rows }))).toMatchObject({
    spares: 0,
    sessions: 0,
    blind: false,
    unknown: 3,
  });
});

test("a stopped server is told once, and one that runs is not told as stopped", () => {
  const row = aRow({ ...OFF });
  const told = (before: Instance, cloud: Partial<CloudInstance>) =>
    absorbListing(aState({ rows: [before] }), complete([aCloudInstance(cloud)]));

  expect(told(row, { state: "stopped" })).toMatchObject({ rows: [], events: [] });
  expect(told(row, { state: "running" }).events).toEqual([]);
  expect(told(aRow(), { publicIp: "203.0.113.8" }).events).toEqual([]);
});

test.each([14 * MINUTE_MS, 15 * MINUTE_MS - 1])("%d ms are not long enough", (offMs) => {
  expect(retired(aRow({ stoppedSince: NOW - offMs }))).toEqual([]);
});

test("fifteen minutes are, to the millisecond, and so is a look 150 seconds after the cordon", () => {
  const stoppedSince = NOW - 15 * MINUTE_MS;
  const cordonedAt = NOW - 5_000 - 150_000;

  expect(retired(aRow({ stoppedSince }))).toMatchObject([{ phase: "draining" }]);
  expect(retired(aRow({ ...CORDONED, stoppedSince, cordonedAt }))).toMatchObject([
    { phase: "deleting" },
  ]);
  expect(retired(aRow({ ...CORDONED, stoppedSince, cordonedAt: cordonedAt + 1 }))).toEqual([]);
});

test.each<[string, Partial<Instance>]>([
  ["without a cordon", { cordonedAt: null }],
  ["without a known ARN", { arn: null }],
  ["that is ready again", { phase: "ready", adopted: true }],
  ["that is being deleted", { phase: "deleting" }],
  ["that is lost", { phase: "lost" }],
  ["that is not stopped", { stoppedSince: null }],
])("a server %s is not deleted for being off", (_what, overrides) => {
  expect(retired(aRow({ ...CORDONED, ...OFF, ...overrides }))).toEqual([]);
});

test("nothing is deleted where this object has not seen a listing yet", () => {
  const state = aState({ rows: [aRow({ ...CORDONED, ...OFF })], memory: { listedAt: null } });

  expect(retireStopped(state, tally(state)).rows).toEqual([]);
});

test("nothing is cordoned or deleted while retiring is paused", () => {
  const rows = [aRow({ name: "a", ...OFF }), aRow({ name: "b", ...CORDONED, ...OFF })];
  const pause = { what: "retire", since: NOW, until: null, reason: "", actor: "op" } as const;
  const state = aState({ rows, pauses: [pause] });

  expect(retireStopped(state, tally(state)).rows).toEqual([]);
});

test("the deletes of what is off wait for the guards like all others", () => {
  const rows = ["a", "b", "c"].map((name) => aRow({ name, ...CORDONED, ...OFF }));
  const capped = aState({ rows, spec: { limits: { maxDeletesPerTick: 2 } } });
  const untrusted = aState({ rows, memory: { listingTrusted: false } });

  expect(retireStopped(capped, tally(capped)).rows).toHaveLength(2);
  expect(retireStopped(untrusted, tally(untrusted))).toMatchObject({
    rows: [],
    blockers: [{ guard: "noListing" }],
  });
});

test("the events say for how long it has been off, and since when", () => {
  const rows = [aRow({ name: "a", ...OFF }), aRow({ name: "b", ...CORDONED, ...OFF })];
  const state = aState({ rows });

  expect(retireStopped(state, tally(state)).events).toMatchObject([
    {
      kind: "drain",
      instance: "a",
      message: "drain a: it has not been running for 16 minutes",
      data: { reason: "replace", ...OFF },
    },
    {
      kind: "delete",
      instance: "b",
      message: "delete b: it has not been running for 16 minutes",
      data: { reason: "notRunning", ...OFF, cordonedAt: CORDONED.cordonedAt },
    },
  ]);
});

test("a stopped server is unknown, however fresh its last reading, and a silent one beside it is seen", () => {
  const [off, silent] = [aRow({ name: "off", ...OFF }), aRow({ name: "silent" })];
  const state = aState({ rows: [off, silent], memory: freshFor(off) });

  expect(occupancyOf(state, off)).toBe("unknown");
  expect(tally(state)).toMatchObject({ idle: 0, unknown: 2, spares: 0, blind: false });
});

test.each(["stopping", "stopped"])("a server that is %s is off", (state) => {
  const { rows } = absorbListing(aState({ rows: [aRow()] }), complete([aCloudInstance({ state })]));

  expect(rows).toMatchObject([{ stoppedSince: NOW }]);
});

test("a server that the last listing lacked is not deleted for being off", () => {
  const row = aRow({ ...CORDONED, ...OFF });
  const state = aState({ rows: [row], memory: { unlisted: new Set([row.name]) } });

  expect(retireStopped(state, tally(state)).rows).toEqual([]);
});

test("an adopted server that runs, or whose state we do not know, is not off", () => {
  const row = aRow({ adopted: true, createdByUs: false });

  for (const state of ["running", "hibernating"])
    expect(
      absorbListing(aState({ rows: [row] }), complete([aCloudInstance({ state })])),
    ).toMatchObject({ rows: [], events: [] });
});

test.each(["starting", "configuring", "deleting"] as const)(
  "a server that is %s is not off, though it is listed as stopped: others mind it",
  (phase) => {
    const state = aState({ rows: [aRow({ phase })] });

    const { rows, events } = absorbListing(state, complete([aCloudInstance({ state: "stopped" })]));

    expect(rows.every(({ stoppedSince }) => stoppedSince === null)).toBe(true);
    expect(events).toEqual([]);
  },
);

test("a server that is off is left as it is where somebody protects it, or holds it drained", () => {
  const ready = aRow({ ...OFF, protectedBy: "olga" });
  const cordoned = aRow({ ...OFF, ...CORDONED });

  expect(retired(ready)).toEqual([]);
  expect(retired(cordoned)).toMatchObject([{ phase: "deleting" }]);
  expect(retired({ ...cordoned, protectedByTag: true })).toEqual([]);
  expect(retired({ ...cordoned, drainReason: "operator", drainHold: true })).toEqual([]);
});
