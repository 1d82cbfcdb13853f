/** One judgement for all readers: which of several causes is named, and with which words. */
import { describe, expect, it } from "vitest";
import type { BindingGuard } from "../../../durable/rules/binding.ts";
import type { OpenAlert } from "../../../durable/rules/bulletins.ts";
import { GUARDS_BY_WEIGHT, isRoutine, keepsFrom } from "../../../durable/rules/guard-order.ts";
import type { GuardName, Instance, Pause } from "../../../durable/rules/model.ts";
import { tally } from "../../../durable/rules/occupancy.ts";
import { verdictOf } from "../../../durable/rules/verdict.ts";
import {
  aLease,
  aPlanned,
  aRow,
  aState,
  aTarget,
  freshFor,
  leased,
  MINUTE_MS,
  NOW,
} from "./builders.ts";

const TICK = { error: null };

interface Given {
  readonly rows?: readonly Instance[];
  readonly target?: number;
  readonly guards?: readonly (GuardName | Partial<BindingGuard>)[];
  readonly pauses?: readonly Pause["what"][];
  readonly spec?: object;
  readonly error?: string | null;
  readonly removing?: boolean;
  readonly alerts?: readonly OpenAlert[];
  readonly memory?: object;
}

function aGuard(given: GuardName | Partial<BindingGuard>): BindingGuard {
  const base = { value: null, limit: null, retryAt: null, fix: "raise it", since: NOW };
  return typeof given === "string"
    ? { ...base, guard: given }
    : { guard: "maxInstances", ...base, ...given };
}

function aPause(what: Pause["what"]): Pause {
  return { what, since: NOW - MINUTE_MS, until: null, reason: "a freeze", actor: "olga" };
}

function verdict(given: Given = {}) {
  const { rows = idle(3), target = 3, guards = [], pauses = [], alerts = [] } = given;
  const state = {
    ...aState({
      rows: [...rows],
      spec: given.spec ?? {},
      memory: { ...freshFor(...rows), ...given.memory },
    }),
    pauses: pauses.map((what) => aPause(what)),
    removing: given.removing === true ? { force: false, actor: "olga", reason: "" } : null,
  } as ReturnType<typeof aState>;
  return verdictOf(state, {
    counts: tally(state),
    target: aTarget(target),
    guards: guards.map((guard) => aGuard(guard)),
    alerts,
    lastTick: given.error === undefined ? TICK : { error: given.error },
  });
}

function idle(count: number): Instance[] {
  return Array.from({ length: count }, (_, index) => aRow({ name: `idle-${index}` }));
}

function starting(count: number): Instance[] {
  return Array.from({ length: count }, (_, index) =>
    aPlanned({ name: `new-${index}`, phase: "starting", arn: `arn:${index}` }),
  );
}

function planned(count: number): Instance[] {
  return Array.from({ length: count }, (_, index) => aPlanned({ name: `planned-${index}` }));
}

describe("what a person on duty reads first", () => {
  it("names the pause where launching is paused, and not a limit that is far away", () => {
    const found = verdict({ rows: idle(6), target: 15, pauses: ["launch"], guards: ["paused"] });

    expect(found).toMatchObject({
      kind: "paused",
      title: "Paused",
      cause: { kind: "pause", name: "launch" },
      what: "6 of 15 spares. Launching is paused by olga: a freeze.",
      canDo: "Resume it on the page, or with POST /v1/fleets/media/resume.",
    });
  });

  it("counts what is really on its way: a server that waits for a call is none", () => {
    const rows = [...idle(1), ...starting(1), ...planned(19)];
    const found = verdict({ rows, target: 21, guards: ["awsRequestRate"] });

    expect(found).toMatchObject({
      kind: "growing",
      what: "1 of 21 spares.",
      doing: "1 server is on its way. 19 servers wait for AWS to take the call.",
    });
  });

  it("is held back where creates are denied, though many servers are planned", () => {
    const rows = [...idle(1), ...planned(19)];
    const found = verdict({ rows, target: 20, guards: [{ guard: "createFailing", value: 19 }] });

    expect(found).toMatchObject({ kind: "heldBack", cause: { name: "createFailing" } });
    expect(found.what).toContain("19 servers wait for it");
  });

  it("is well where a surplus of slots is less than a whole server", () => {
    const found = verdict({ rows: idle(1), target: 1, spec: { health: { capacity: 4 } } });

    expect(found).toMatchObject({ kind: "well", what: "4 of 1 spare.", doing: null });
  });

  it("says how many servers go, in servers and not in slots", () => {
    const found = verdict({ rows: idle(3), target: 1, spec: { health: { capacity: 4 } } });

    expect(found).toMatchObject({ kind: "shrinking" });
    expect(found.doing).toContain("2 surplus servers go when");
  });

  it("is not well with far more spares than are wanted", () => {
    const spec = { limits: { maxDeletesPerHour: 60 } };
    const found = verdict({ rows: idle(200), target: 10, spec });

    expect(found).toMatchObject({
      kind: "overProvisioned",
      title: "Too many",
      tone: "warn",
      doing:
        "Lightfleet drains and deletes 60 servers an hour at the most (limits.maxDeletesPerHour).",
    });
    expect(found.what).toContain("190 servers more than the 10 spares wanted");
  });

  it("is not well with servers that nobody needs while retiring is paused", () => {
    expect(verdict({ rows: idle(5), target: 3, pauses: ["retire"] })).toMatchObject({
      kind: "overProvisioned",
      cause: { kind: "pause", name: "retire" },
    });
  });

  it("counts of a fleet that is removed the servers that are left, without those whose delete is under way", () => {
    const deleting = aRow({ name: "gone-soon", phase: "deleting" });

    expect(verdict({ rows: [...idle(2), deleting], removing: true }).what).toBe(
      "The fleet is being removed: 2 servers left, with 0 sessions.",
    );
  });

  it("shows leases beside the spares that they take", () => {
    const rows = idle(3);
    const taken = leased(aLease({ instance: "idle-0" }));
    const held = { ...aState({ rows, memory: freshFor(...rows) }), ...taken };
    const facts = { target: aTarget(2), guards: [], alerts: [], lastTick: TICK };

    expect(verdictOf(held, { ...facts, counts: tally(held) }).what).toBe(
      "2 of 2 spares, and 1 slot is leased.",
    );
  });
});

const SHORT = { rows: idle(1), target: 5 } as const;
const NONE = { rows: [], target: 5 } as const;

describe("of all that is true the worst is the verdict", () => {
  it.each<[string, string, Given]>([
    ["well", "good", {}],
    ["failing", "bad", { error: "no such table", removing: true }],
    ["removing", "warn", { removing: true, guards: ["credentials"] }],
    ["heldBack", "bad", { guards: ["credentials", "blindEyes"] }],
    ["blind", "bad", { guards: ["blindEyes", "maxInstances"], ...SHORT }],
    ["observing", "quiet", { spec: { mode: "observe" }, ...SHORT }],
    ["noSpares", "bad", NONE],
    ["noSpares", "bad", { ...NONE, guards: ["quota"] }],
    ["noSpares", "bad", { ...NONE, pauses: ["launch"] }],
    ["paused", "warn", { ...SHORT, pauses: ["launch"], guards: ["maxInstances"] }],
    ["heldBack", "warn", { ...SHORT, guards: ["maxInstances"], pauses: ["retire"] }],
    ["short", "warn", SHORT],
    ["growing", "move", { rows: [...idle(1), ...starting(4)], target: 5 }],
    ["growing", "move", { rows: [...idle(1), ...starting(4)], target: 5, guards: ["quota"] }],
    ["growing", "move", { rows: [...idle(1), ...starting(2)], target: 5, guards: ["tagsFailing"] }],
    ["heldBack", "warn", { guards: ["tagsFailing"], pauses: ["schedule"] }],
    ["paused", "warn", { pauses: ["schedule"] }],
    ["shrinking", "move", { rows: idle(4) }],
    ["well", "good", { rows: [], target: 0 }],
  ])("%s (%s)", (kind, tone, given) => {
    expect(verdict(given)).toMatchObject({ kind, tone });
  });

  it("is an alarm that pages, unless the numbers judge of it", () => {
    const alarm = (kind: OpenAlert["kind"]): OpenAlert => ({
      kind,
      subject: "",
      since: NOW,
      severity: "page",
      what: "Nobody answers.",
      canDo: "Look.",
      awaySince: null,
    });

    expect(verdict({ alerts: [alarm("noSpares")] })).toMatchObject({ kind: "well" });
    expect(verdict({ alerts: [alarm("noSpares"), alarm("noTick")] })).toMatchObject({
      kind: "alarm",
      cause: { kind: "alert", name: "noTick" },
      what: "Nobody answers.",
    });
  });

  it("is that the fleet is waking before its first tick", () => {
    const state = aState();
    const facts = { counts: tally(state), target: aTarget(1), guards: [], alerts: [] };

    expect(verdictOf(state, { ...facts, lastTick: null })).toMatchObject({ kind: "waking" });
  });
});

const LAUNCH_GUARDS: readonly GuardName[] = [
  "credentials",
  "createFailing",
  "failedBoots",
  "portsFailing",
  "quota",
  "zoneCapacity",
  "rejected",
  "maxMonthlyUsd",
  "maxInstances",
  "maxLaunchesPerHour",
];
const PAIRS = LAUNCH_GUARDS.flatMap((one, place) =>
  LAUNCH_GUARDS.slice(place + 1).map((other) => [one, other] as const),
);

describe("of two guards that hold a short fleet back", () => {
  it.each(PAIRS)("%s is the cause rather than %s, in whatever order they come", (one, other) => {
    const found = [
      verdict({ ...SHORT, guards: [one, other] }),
      verdict({ ...SHORT, guards: [other, one] }),
    ];

    expect(found.map(({ cause }) => cause)).toEqual([
      { kind: "guard", name: one },
      { kind: "guard", name: one },
    ]);
    for (const { what, canDo } of found) {
      expect(what).toContain("1 of 5 spares.");
      expect(what.length).toBeGreaterThan(40);
      expect(canDo).not.toBeNull();
    }
  });
});

describe("a guard that keeps no server from coming", () => {
  it.each(GUARDS_BY_WEIGHT.filter((guard) => !keepsFrom(guard, "coming") && !isRoutine(guard)))(
    "is no cause of too few spares: %s",
    (guard) => {
      expect(verdict({ ...SHORT, guards: [guard] })).toMatchObject({ kind: "short", cause: null });
    },
  );

  it("is each of leases, tags, deletes, pauses and rollouts", () => {
    const others = GUARDS_BY_WEIGHT.filter((guard) => !keepsFrom(guard, "coming"));

    expect(others.toSorted()).toEqual([
      "deleteFailing",
      "drainFailing",
      "leaseMaxSeconds",
      "leasesPerToken",
      "maxDeletesPerHour",
      "maxDeletesPerTick",
      "paused",
      "protected",
      "rollout",
      "tagUnread",
      "tagsFailing",
      "targetTagFailing",
    ]);
  });
});
