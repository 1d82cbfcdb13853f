/** Each fault that was found in the rules, by name. */
import { describe, expect, it } from "vitest";
import { absorbListing } from "../../../durable/rules/absorb-listing.ts";
import { giveUpBoots } from "../../../durable/rules/boots.ts";
import { learn } from "../../../durable/rules/budget.ts";
import { LISTING_LAG_MS } from "../../../durable/rules/limits.ts";
import type { Boundary, TagWrite } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { provision } from "../../../durable/rules/provision.ts";
import { removeAll } from "../../../durable/rules/remove.ts";
import { replaceOutdated, rolloutOf } from "../../../durable/rules/rollout.ts";
import { dueTagWrite } from "../../../durable/rules/schedule.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import { targetOf } from "../../../durable/rules/target.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import {
  aCloudInstance,
  anAnswer,
  anObservation,
  aPlanned,
  aRow,
  aState,
  aTarget,
  complete,
  freshFor,
  idleRows,
  MINUTE_MS,
  laneOf,
  NOW,
  partial,
} from "./builders.ts";

const HOUR_MS = 60 * MINUTE_MS;

it("a listing of more pages than the lane can save up for does not starve for ever", () => {
  const state = aState({ rows: idleRows(20), listed: false, memory: laneOf("list", 1) });

  expect(watchOf(state).listing).toEqual({ pagesMax: 1, from: null });
});

it("an instance that a partial listing shows is not missed any more", () => {
  const row = aRow({ plannedAt: NOW - HOUR_MS, changedAt: NOW - HOUR_MS });
  const other = aCloudInstance({ name: "media-other-1" });
  const after = (state: State, at: number, listing: Parameters<typeof absorbListing>[1]): State =>
    apply({ ...state, now: at }, absorbListing({ ...state, now: at }, listing));

  let state = after(aState({ rows: [row] }), NOW, complete([other], NOW));
  const seen = aCloudInstance({ name: row.name, ...(row.arn === null ? {} : { arn: row.arn }) });
  state = after(state, NOW + MINUTE_MS / 2, partial([seen]));
  state = after(state, NOW + MINUTE_MS, complete([other], NOW + MINUTE_MS));

  expect(state.instances.get(row.name)?.phase).toBe("ready");
});

it("a planned name that is listed as terminated is not taken for started", () => {
  const row = aPlanned();
  const ending = aCloudInstance({ name: row.name, state: "terminated" });

  expect(absorbListing(aState({ rows: [row] }), complete([ending])).rows).toEqual([]);
});

it("a lost instance that was draining comes back without its old cordon", () => {
  const lost = aRow({ phase: "lost", cordonedAt: NOW - HOUR_MS, drainReason: "surplus" });
  const back = aCloudInstance({ name: lost.name, ...(lost.arn === null ? {} : { arn: lost.arn }) });

  const { rows } = absorbListing(aState({ rows: [lost] }), complete([back]));

  expect(rows).toMatchObject([{ phase: "ready", cordonedAt: null, drainReason: null }]);
});

it("removal writes a row once, whatever reason an earlier drain left in it", () => {
  const row = aRow({ drainReason: "surplus" });
  const state: State = { ...aState({ rows: [row] }), removing: { force: false } };

  expect(removeAll(state).rows).toMatchObject([{ phase: "draining", drainReason: "fleet" }]);
});

it("an unsteady boot is not drained while retiring is paused", () => {
  const row = aRow({ phase: "warming", everRead: true, createdAt: NOW - 2 * HOUR_MS });
  const pause = { what: "retire", since: NOW, until: null, reason: "", actor: "ops" } as const;
  const state: State = { ...aState({ rows: [row] }), pauses: [pause] };

  expect(giveUpBoots(state, tally(state)).rows).toEqual([]);
});

it("refusals that follow each other closely do not pass for one refusal for ever", () => {
  let { budget } = laneOf("list", 0);

  for (let index = 0; index < 10; index++)
    budget = learn(budget, [{ lane: "list", startedAt: NOW + 900 + index * 900, throttled: true }]);

  expect(budget.buckets.list.ratePerSecond).toBeLessThan(0.7 ** 4);
});

it("an empty answer is no first half of a server's absence (simulator, seed 3001775)", () => {
  const rows = idleRows(2, { plannedAt: NOW - HOUR_MS, changedAt: NOW - HOUR_MS });
  const other = aCloudInstance({ name: "media-k3-2", arn: "arn:media-k3-2" });
  const after = (state: State, at: number, listing: Parameters<typeof absorbListing>[1]): State =>
    apply({ ...state, now: at }, absorbListing({ ...state, now: at }, listing));

  let state = after(aState({ rows }), NOW, complete([], NOW));
  state = after(state, NOW + 5 * MINUTE_MS, complete([other], NOW + 5 * MINUTE_MS));
  expect(state.instances.get("media-k3-1")?.phase).toBe("ready");

  state = after(state, NOW + 7 * MINUTE_MS, complete([other], NOW + 7 * MINUTE_MS));
  expect(state.instances.get("media-k3-1")?.phase).toBe("lost");
});

it("a call that is refused for ever does not keep another of the same server waiting (seed 1201)", () => {
  const health = { drain: { method: "POST", path: "/{verb}", secretRef: "DRAIN_KEY" } } as const;
  const row = aRow({ saysDraining: true, drainTold: true, portsHash: null });
  const kinds = [0, 1, 2, 3].map((attempts) => {
    const waiting = { ...row, attempts };
    const state = aState({ rows: [waiting], spec: { health }, memory: freshFor(waiting) });
    return provision(state).commands.map(({ action }) => action.kind);
  });

  expect(new Set(kinds.flat())).toEqual(new Set(["drain", "ports"]));
  expect(kinds.every((each) => each.length === 1)).toBe(true);
});

it("a draining server whose port was closed by hand gets it back, or it drains for ever (seed 1175)", () => {
  const row = aRow({ phase: "draining", drainReason: "replace", cordonedAt: NOW, portsHash: null });

  expect(provision(aState({ rows: [row] })).commands).toMatchObject([
    { action: { kind: "ports" } },
  ]);
});

it("no more canaries are waited for than the surge can bring (seed 1138)", () => {
  const old = aRow({ name: "media-k3-1", template: "an older one" });
  const rows = [old, aRow({ name: "media-k3-2" })];
  const state = aState({ rows, spec: { rollout: { canary: 2, maxSurge: 3 } } });

  expect(rolloutOf(state)?.stage).toBe("replacing");
});

it("old servers that are too many do not take the canary's place (seed 20098)", () => {
  const rows = idleRows(3, { template: "an older one" });
  const state = aState({ rows, memory: freshFor(...rows) });

  const moves = replaceOutdated(state, tally(state), aTarget(2));

  expect(rolloutOf(state)?.stage).toBe("canary");
  expect(moves.rows).toMatchObject([{ phase: "draining", drainReason: "replace" }]);
});

it("a server that a lost ledger had told to drain is told to come back (seed 4000837)", () => {
  const health = { drain: { method: "POST", path: "/{verb}", secretRef: "DRAIN_KEY" } } as const;
  const empty = aState({ spec: { health } });
  const adopted = apply(empty, absorbListing(empty, complete([aCloudInstance()])));
  const [row = aRow()] = adopted.instances.values();
  const reading = anAnswer(row, 0, { draining: true });

  const moves = plan(adopted, anObservation({ readings: [reading] })).moves;

  const calls = moves.commands.flatMap(({ action }) => (action.kind === "drain" ? [action] : []));
  expect(calls).toMatchObject([{ verb: "undrain" }]);
});

describe("a launch that was planned while there was room (seed 500061)", () => {
  const planned = aPlanned({ name: "media-k3-9", attempts: 1, lastError: "lost on its way" });

  it("is called off where a server was adopted in the meantime", () => {
    const rows = [...idleRows(2), aRow({ name: "by-hand-1", adopted: true }), planned];
    const spec = { limits: { maxInstances: 3 }, spares: { default: "9" } };
    const state = aState({ rows, spec });

    const { commands, events, rows: moved } = plan(state, anObservation()).moves;

    expect(commands).toEqual([]);
    expect(moved).toMatchObject([{ name: "media-k3-9", phase: "gone" }]);
    expect(events).toMatchObject([{ kind: "cancelled" }]);
  });

  it("is called off where what runs costs more than the cap by now", () => {
    const spec = { limits: { maxMonthlyUsd: 47 }, spares: { default: "2" } };
    const state = aState({ rows: [aRow({ occupancy: "busy", sessions: 1 }), planned], spec });
    const dear = { ...state, spentOnGone: 47 };

    expect(plan(dear, anObservation()).moves.commands).toEqual([]);
  });

  it("is made where its place is the last one", () => {
    const state = aState({
      rows: [...idleRows(2), planned],
      spec: { limits: { maxInstances: 3 }, spares: { default: "9" } },
    });

    const { commands } = plan(state, anObservation()).moves;

    expect(commands).toMatchObject([{ action: { kind: "create", names: ["media-k3-9"] } }]);
  });

  it("stays where it may have been made after all", () => {
    const row = { ...planned, mayExist: true };
    const spec = { limits: { maxInstances: 3 }, spares: { default: "9" } };
    const state = aState({ rows: [...idleRows(3), row], spec });

    expect(plan(state, anObservation()).moves.rows).toEqual([]);
  });
});

it("an adopted server that keeps its own ports gets its tags back all the same (seed 500102)", () => {
  const row = aRow({ adopted: true, portsHash: null });
  const untagged = aCloudInstance({ tags: {} });
  const after = (state: State, at: number): State =>
    apply({ ...state, now: at }, absorbListing({ ...state, now: at }, complete([untagged], at)));

  const state = after(after(aState({ rows: [row] }), NOW), NOW + LISTING_LAG_MS);

  expect(provision(state).commands).toMatchObject([{ action: { kind: "tags" } }]);
});

const TAG = { resource: "key-0abc1234", key: "spares" };
const ENDED = {
  name: "nights",
  cron: "0 23 * * *",
  timezone: "Asia/Seoul",
  spares: "9",
  until: "2026-11-24",
};

it("where the schedule says nothing any more, last night's tag does not rule until the default is in it", () => {
  const boundary: Boundary = {
    at: NOW - MINUTE_MS,
    value: null,
    source: "schedule",
    special: false,
    name: "nights",
    timezone: "Asia/Seoul",
    edge: "ends",
    dst: null,
  };
  const write: TagWrite = {
    value: "2",
    before: ["9"],
    attempts: 0,
    nextAttemptAt: 0,
    triedAt: null,
    command: null,
    lastError: null,
    writtenAt: null,
    readBackAt: null,
  };
  const state: State = {
    ...aState({
      spec: { spares: { default: "2", tag: TAG, schedule: [ENDED] } },
      tagMemory: { value: "9", garbled: null },
    }),
    ruling: { scheduleHash: "", appliedAt: NOW, boundary, write },
  };

  expect(targetOf(state, 0)).toMatchObject({ spares: 2, source: "schedule" });
});

it("a clock that is set back does not make a reading from before a refused write one from after it (simulator, seed 394)", () => {
  const boundary: Boundary = {
    at: NOW - MINUTE_MS,
    value: "2",
    source: "schedule",
    special: false,
    name: "nights",
    timezone: "Asia/Seoul",
    edge: "begins",
    dst: null,
  };
  const write: TagWrite = {
    value: "2",
    before: ["9"],
    attempts: 1,
    nextAttemptAt: 0,
    triedAt: NOW - MINUTE_MS,
    command: null,
    lastError: "throttled by AWS: RequestLimitExceeded",
    writtenAt: null,
    readBackAt: null,
  };
  const state = aState({
    spec: { spares: { tag: TAG } },
    ruling: { scheduleHash: "", appliedAt: NOW, boundary, write },
    memory: { tagReadAt: NOW, tagReadSinceWrite: false },
  });

  expect(dueTagWrite(state)).toBeNull();
  expect(
    dueTagWrite({ ...state, memory: { ...state.memory, tagReadSinceWrite: true } }),
  ).not.toBeNull();
});
