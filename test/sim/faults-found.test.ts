/** What the simulator found in the fleet, each with the seed that it was found with, made small. */
import type { CloudInstance } from "../../durable/rules/world.ts";
import { describe, expect, test } from "vitest";
import { removeAll } from "../../durable/rules/remove.ts";
import { replaceOutdated } from "../../durable/rules/rollout.ts";
import { finishDrains } from "../../durable/rules/retire.ts";
import { absorbListing } from "../../durable/rules/absorb-listing.ts";
import { provision } from "../../durable/rules/provision.ts";
import { tally } from "../../durable/rules/occupancy.ts";
import { settleCommand } from "../../durable/rules/settle.ts";
import { apply, NO_MOVES, type State } from "../../durable/rules/state.ts";
import { transition } from "../../durable/rules/transition.ts";
import {
  aCommand,
  aCreate,
  aPlanned,
  aRow,
  aSpec,
  aState,
  aTarget,
  complete,
  freshFor,
  MINUTE_MS,
  NOW,
  OWNER,
} from "../durable/rules/builders.ts";
import { installCrypto } from "./runtime/crypto.ts";
import type { Incident } from "./scenario.ts";
import { simulate } from "./simulate.ts";
import { STORIES } from "./story.ts";

installCrypto();

type Told = Omit<Incident, "id">;

async function violationsOf(incidents: readonly Told[], hours = 0.2) {
  const [story] = STORIES;
  if (story === undefined) throw new Error("there is no story");
  const numbered = incidents.map((incident, id) => ({ id, ...incident }));
  const { violations } = await simulate({ ...story, hours, incidents: numbered });
  return violations;
}

test("seed 107: a server that somebody stopped, and nobody started again, is replaced and goes", async () => {
  const stopped: Told = { when: { at: 3 * MINUTE_MS }, fault: "stopped", forMs: 5_000, n: 0 };

  expect(await violationsOf([stopped])).toEqual([]);
});

test("seed 1035: two stopped servers do not blind the eyes for ever", async () => {
  const stopped: Told = { when: { at: 3 * MINUTE_MS }, fault: "stopped", forMs: 5_000, n: 0 };
  const another: Told = { ...stopped, when: { at: 4 * MINUTE_MS }, n: 1 };
  const fewer: Told = { when: { at: 5 * MINUTE_MS }, fault: "specChanged", forMs: 0, n: 2 + 6 };

  expect(await violationsOf([stopped, another, fewer])).toEqual([]);
});

test("seed 5007: a delete that AWS keeps waiting still counts towards the hour", () => {
  const waiting = aRow({ name: "a", phase: "deleting", deletingAt: NOW - 90 * MINUTE_MS });
  const empty = aRow({ name: "b", phase: "draining", drainReason: "surplus", cordonedAt: 0 });
  const spec = { limits: { maxDeletesPerHour: 1 } };
  const state = aState({ rows: [waiting, empty], spec, memory: freshFor(empty) });

  expect(finishDrains(state, tally(state)).rows).toEqual([]);
});

/** A server that answers, after a listing in which it is not ours any more. */
function untagged(overrides: Parameters<typeof aRow>[0]): State {
  const row = aRow({ name: "a", ...overrides });
  const before = aState({ rows: [row, aRow({ name: "b" })], memory: freshFor(row) });
  const listed = { name: "b", arn: "arn:b", owner: before.identity.owner };
  return apply(before, absorbListing(before, complete([cloudInstance(listed)])));
}

function cloudInstance(
  given: Pick<CloudInstance, "name" | "arn" | "owner"> & Partial<CloudInstance>,
) {
  const facts = { state: "running", zone: "ap-northeast-2a", publicIp: "203.0.113.7" };
  const rest = {
    privateIp: null,
    ipv6: null,
    createdAt: NOW,
    bundle: "medium_3_0",
    template: null,
    tags: {},
    ports: null,
  };
  return { ...facts, ...rest, ...given };
}

test("seed 128: a server that lost our tag is not deleted, though it answers that it is empty", () => {
  const state = untagged({ phase: "draining", drainReason: "surplus", cordonedAt: 0 });

  expect(finishDrains(state, tally(state)).rows).toEqual([]);
});

test("seed 128: nor are its ports changed", () => {
  expect(provision(untagged({ portsHash: "an older one" })).commands).toEqual([]);
});

test("seed 128: one that is listed is deleted all the same", () => {
  const row = aRow({ name: "a", phase: "draining", drainReason: "surplus", cordonedAt: 0 });
  const before = aState({ rows: [row], spec: aSpec(), memory: freshFor(row) });
  const { publicIp } = row;
  const { owner } = before.identity;
  const listed = cloudInstance({ name: "a", arn: "arn:a", owner, publicIp });
  const state = apply(before, absorbListing(before, complete([listed])));

  expect(finishDrains(state, tally(state)).rows).toMatchObject([{ phase: "deleting" }]);
});

test("seed 116: an object that has just woken deletes nothing by force before it has seen whose it is", () => {
  const rows = [aRow({ name: "a" }), aRow({ name: "b" })];
  const removing = { removing: { force: true } };
  const woken = aState({ rows, ...removing, memory: { listedAt: null } });

  expect(removeAll(woken).rows).toEqual([]);
  expect(removeAll(aState({ rows, ...removing })).rows).toMatchObject([
    { phase: "deleting" },
    { phase: "deleting" },
  ]);
});

test("seed 116: nor what was confirmed empty", () => {
  const empty = aRow({ name: "a", phase: "draining", drainReason: "surplus", cordonedAt: 0 });
  const woken = aState({ rows: [empty], memory: { ...freshFor(empty), listedAt: null } });

  expect(finishDrains(woken, tally(woken)).rows).toEqual([]);
});

test("the same scenario lives to the same hash, however often it is run", async () => {
  const [story] = STORIES;
  if (story === undefined) throw new Error("there is no story");

  const [once, twice] = [await simulate(story), await simulate(story)];

  expect(once.hash).toBe(twice.hash);
  expect(once.violations).toEqual([]);
});

test("seed 600059: a canary that is ready makes room for the other one, where the maximum leaves none", () => {
  const rows = [
    aRow({ name: "old-1", template: "an older one" }),
    aRow({ name: "old-2", template: "an older one" }),
    aRow({ name: "new-1" }),
  ];
  const spec = { rollout: { canary: 2, maxSurge: 2 }, limits: { maxInstances: 3 } };
  const state = aState({ rows, spec, memory: freshFor(...rows) });

  const { rows: drained } = replaceOutdated(state, tally(state), aTarget(2));

  expect(drained).toMatchObject([{ phase: "draining", drainReason: "replace" }]);
});

test("seed 600092: an old server that is protected does not keep another one in the canary's place", () => {
  const rows = [
    aRow({ name: "kept", template: "an older one", protectedBy: "olga" }),
    aRow({ name: "old-1", template: "an older one" }),
    aRow({ name: "old-2", template: "an older one" }),
  ];
  const state = aState({ rows, spec: { rollout: { canary: 1 } }, memory: freshFor(...rows) });

  const { rows: drained } = replaceOutdated(state, tally(state), aTarget(2));

  expect(drained).toMatchObject([{ phase: "draining", drainReason: "replace" }]);
});

test("seed 9 of size: a delete is not made again for what the last listing lacked", () => {
  // AWS answered its delete, and the time after which it may be made again is over.
  const answered = { nextAttemptAt: NOW - MINUTE_MS, lastError: null };
  const deletingAt = NOW - 5 * MINUTE_MS;
  const deleting = aRow({ name: "a", phase: "deleting", deletingAt, ...answered });
  const listed = aState({ rows: [deleting] });
  const unlisted = { ...listed, memory: { ...listed.memory, unlisted: new Set(["a"]) } };
  const deletes = (state: State) =>
    provision(state).commands.filter(({ action }) => action.kind === "delete");

  expect(deletes(listed)).toHaveLength(1);
  expect(deletes(unlisted)).toEqual([]);
});

describe("seed 31416063", () => {
  const HOUR = 24 / 744;
  const name = "media-k3-1";
  const planned = aPlanned({ name, command: 42, changedAt: NOW - 2_000 });
  const spec = { retire: { billing: "hour" } } as const;
  const before = aState({ rows: [planned], spec });
  const created = apply(
    before,
    settleCommand(before, aCommand(aCreate(name)), {
      number: 42,
      calls: [],
      kind: "done",
      requestId: null,
    }),
  );

  test("a server that vanished before it was ever listed has cost its hour", () => {
    const row = created.instances.get(name) ?? planned;
    const lost = transition(row, "lost", NOW + MINUTE_MS);
    const gone = transition(lost, "gone", NOW + 11 * MINUTE_MS, { goneAt: NOW + 11 * MINUTE_MS });

    const after = apply(created, { ...NO_MOVES, rows: [lost, gone] });

    expect(row).toMatchObject({ phase: "starting", createdAt: NOW - 2_000 });
    expect(after.spentOnGone).toBeCloseTo(HOUR);
  });

  test("a name that was never created costs nothing", () => {
    const gone = transition(planned, "gone", NOW, { goneAt: NOW });

    expect(apply(before, { ...NO_MOVES, rows: [gone] }).spentOnGone).toBe(0);
  });

  test("AWS's own time of the creation counts as soon as it is listed, and stays", () => {
    const listed = (state: State, createdAt: number): State => {
      const instance = { ...cloudInstance({ name, arn: "arn:1", owner: OWNER }), createdAt };
      return apply(state, absorbListing(state, complete([instance])));
    };
    const once = listed(created, NOW - 1_500);

    expect(once.instances.get(name)?.createdAt).toBe(NOW - 1_500);
    expect(listed(once, NOW - 500).instances.get(name)?.createdAt).toBe(NOW - 1_500);
  });
});
