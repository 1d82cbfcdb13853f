import { describe, expect, it } from "vitest";
import { absorb } from "../../../durable/rules/absorb.ts";
import { launchRoom } from "../../../durable/rules/guard.ts";
import { isListed } from "../../../durable/rules/listed.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import type { LookUp, Observation, UnreadInstance } from "../../../durable/rules/world.ts";
import {
  A_HOLE,
  aCloudInstance,
  anObservation,
  aPlanned,
  aRow,
  aState,
  complete,
  idleRows,
  MINUTE_MS,
  NOW,
} from "./builders.ts";

const OLD = { plannedAt: NOW - 60 * MINUTE_MS, changedAt: NOW - 60 * MINUTE_MS };
const ARN = "arn:one";
const ROW = aRow({ ...OLD, arn: ARN });
const FLEET = aState({ rows: [ROW, ...idleRows(1, { ...OLD, name: "other", arn: "arn:other" })] });
const OTHER = aCloudInstance({ name: "other", arn: "arn:other" });

function odd(overrides: Partial<UnreadInstance> = {}): UnreadInstance {
  return { name: ROW.name, arn: ARN, isClaimed: true, what: "state: gone", ...overrides };
}

function seen(state: State, observation: Partial<Observation>, at: number): State {
  const now = { ...state, now: at, beganAt: at };
  return apply(now, absorb(now, anObservation(observation)));
}

function listed(state: State, unread: readonly UnreadInstance[], at = NOW): State {
  return seen(state, { listing: { ...complete([OTHER], at), unread } }, at);
}

function lookedUp(state: State, lookUp: LookUp, at: number): State {
  return seen(state, { lookUps: [lookUp] }, at);
}

function absent(at: number): LookUp {
  return { kind: "absent", name: ROW.name, startedAt: at };
}

function phaseOf(state: State, { name }: Instance = ROW): string | undefined {
  return state.instances.get(name)?.phase;
}

const IDENTITIES: readonly (readonly [string, Partial<UnreadInstance>])[] = [
  ["its name and ARN", {}],
  ["its name", { arn: null }],
  ["its ARN", { name: null }],
  ["its ARN under another name", { name: "else" }],
  ["its name, without our tag", { arn: null, isClaimed: false }],
  ["nothing", { name: null, arn: null, isClaimed: false }],
  ["nothing but our tag", { name: null, arn: null }],
];

describe("a row that an unread instance can be", () => {
  it.each(IDENTITIES)("is not missed, however often it is listed so (%s)", (_by, identity) => {
    let state = FLEET;
    for (let minute = 0; minute < 30; minute += 1)
      state = listed(state, [odd(identity)], NOW + minute * MINUTE_MS);

    expect(phaseOf(state)).toBe("ready");
    expect(state.memory).toMatchObject({ listingTrusted: true, listingTrouble: null });
  });

  it.each(IDENTITIES)("is not touched, and the others are (%s)", (_by, identity) => {
    const state = listed(FLEET, [odd(identity)]);

    const [row, other] = [...state.instances.values()];
    expect(row !== undefined && isListed(state, row)).toBe(false);
    expect(other !== undefined && isListed(state, other)).toBe(true);
  });

  it("keeps its leases: what is known of it goes on to hold", () => {
    const state = listed(FLEET, [odd()]);

    expect(state.memory.unlisted.size).toBe(0);
    expect(state.instances.get(ROW.name)).toEqual(FLEET.instances.get(ROW.name));
  });

  it("is looked up by its name, once for each listing", () => {
    const state = listed(FLEET, [odd()]);
    const hole: LookUp = { kind: "hole", name: ROW.name, hole: A_HOLE };

    expect(watchOf(state).lookUps).toContain(ROW.name);
    const asked = lookedUp(state, hole, NOW);
    expect(watchOf(asked).lookUps).not.toContain(ROW.name);
    expect(watchOf(listed(asked, [odd()])).lookUps).toContain(ROW.name);
  });

  it("is read again by its name, and follows what was seen", () => {
    const instance = aCloudInstance({ name: ROW.name, arn: ARN, publicIp: "203.0.113.99" });
    const state = listed(FLEET, [odd()]);

    const read = lookedUp(state, { kind: "found", name: ROW.name, instance }, NOW + 1);

    const row = read.instances.get(ROW.name) ?? ROW;
    expect(row.publicIp).toBe("203.0.113.99");
    expect(isListed(read, row)).toBe(true);
  });

  it("is lost if it is not there by its name twice, a minute apart", () => {
    const nameless = odd({ name: null, arn: null, isClaimed: false });
    const once = lookedUp(listed(FLEET, [nameless]), absent(NOW + 1), NOW + 1);
    const soon = lookedUp(once, absent(NOW + 30_000), NOW + 30_000);
    const between = listed(soon, [nameless], NOW + MINUTE_MS);
    const later = lookedUp(between, absent(NOW + 2 * MINUTE_MS), NOW + 2 * MINUTE_MS);

    expect([once, soon, between, later].map((state) => phaseOf(state))).toEqual([
      "ready",
      "ready",
      "ready",
      "lost",
    ]);
  });

  it("is gone after its delete if it is not there by its name twice", () => {
    const deleting = { ...ROW, phase: "deleting" as const };
    const nameless = odd({ name: null, arn: null, isClaimed: false });
    const state = listed(aState({ rows: [deleting] }), [nameless]);

    const once = lookedUp(state, absent(NOW + 1), NOW + 1);
    const twice = lookedUp(once, absent(NOW + 5_000), NOW + 5_000);

    expect([phaseOf(once), phaseOf(twice)]).toEqual(["deleting", undefined]);
  });

  it("is lost if another's instance is found under its name twice", () => {
    const foreign: LookUp = { kind: "foreign", name: ROW.name, arn: null, owner: "staging/media" };
    const once = lookedUp(listed(FLEET, [odd()]), foreign, NOW + 1);
    const later = lookedUp(once, foreign, NOW + 2 * MINUTE_MS);

    expect([phaseOf(once), phaseOf(later)]).toEqual(["ready", "lost"]);
  });

  it("is read by the first listing that shows it", () => {
    const instance = aCloudInstance({ name: ROW.name, arn: ARN });
    const state = listed(FLEET, [odd()]);

    const read = seen(state, { listing: complete([OTHER, instance], NOW + 1) }, NOW + 1);

    expect(read.memory.unread).toEqual({ instances: [], rows: new Set(), due: new Set() });
  });
});

describe("an unread instance", () => {
  it.each<[string, Partial<UnreadInstance>]>([
    ["the name of none", { name: "wordpress", arn: "arn:wp", isClaimed: false }],
    ["the name of a row and another ARN", { arn: "arn:two", isClaimed: false }],
  ])("is nobody of ours if it has %s: a row that is absent is missed", (_what, identity) => {
    const state = listed(FLEET, [odd(identity)]);

    expect([...state.memory.absentSince.keys()]).toEqual([ROW.name]);
    expect(state.memory.unread.instances).toEqual([]);
  });

  it("is told once while it lasts, and again if it comes again", () => {
    const told = (state: State, unread: readonly UnreadInstance[]): readonly string[] =>
      absorb(state, anObservation({ listing: { ...complete([OTHER]), unread } }))
        .events.filter(({ kind }) => kind === "unread")
        .map(({ message }) => message);
    const once = listed(FLEET, [odd()]);
    const none = listed(once, []);

    expect(told(FLEET, [odd()])).toEqual([
      `AWS gives ${ROW.name} in a form that cannot be read (state: gone): it is left alone until it can`,
    ]);
    expect(told(once, [odd()])).toEqual([]);
    expect(told(none, [odd()])).toHaveLength(1);
  });

  it("counts as billed if it carries our tag and no row can be it", () => {
    const limits = { maxInstances: 3 };
    const rows = [...FLEET.instances.values()];
    const stray = odd({ name: "media-zzzzzz-9", arn: "arn:stray" });
    const state = listed(aState({ rows, spec: { limits } }), [stray]);

    const { room, blockers } = launchRoom(state, tally(state), 1);

    expect(room).toBe(0);
    expect(blockers).toMatchObject([{ guard: "maxInstances", value: 3, limit: 3 }]);
  });

  it("is no create whose outcome is open: that name is looked up anyway", () => {
    const planned = aPlanned({ mayExist: true });
    const nameless = odd({ name: null, arn: null, isClaimed: false });

    expect(listed(aState({ rows: [planned] }), [nameless]).memory.unread.rows.size).toBe(0);
  });
});
