/**
 * The same call twice, and two at once: what is asked for again is as if it was asked for once, and the last slot
 * has one taker.
 */
import * as fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { Engine } from "../../durable/engine.ts";
import { readEvidence } from "../../durable/ledger/evidence.ts";
import { writeInstance } from "../../durable/ledger/instances.ts";
import { migrate } from "../../durable/ledger/migrations.ts";
import { insertCommand, settleCommandRow, writeFleet } from "../../durable/ledger/records.ts";
import { act } from "../../durable/operate-instance.ts";
import { lease, leasesOf, releaseLease, renewLease } from "../../durable/operate-lease.ts";
import { book, endOverride, endOverrides } from "../../durable/operate-target.ts";
import { configure, pause, recordOfNew, remove, resume } from "../../durable/operate.ts";
import type { InstanceAction, LeaseWish } from "../../durable/rules/views.ts";
import { nodeSql, type NodeSql } from "../virtual/node-sql.ts";
import {
  aCloudInstance,
  aCommand,
  aCreate,
  anObservation,
  aSpec,
  complete,
  idleRows,
  NOW,
  SECOND_MS,
} from "./rules/builders.ts";

const TICK_MS = 5_000;
const CAPACITY = 2;
const SERVERS = 2;
const OLGA = { actor: "olga", isOperator: true };
const SPEC = aSpec({
  spares: { default: String(SERVERS * CAPACITY) },
  health: { capacity: CAPACITY },
  limits: { maxInstances: SERVERS },
});
const WISH: LeaseWish = { count: 1, partial: false, key: "call-7", ttlSeconds: 60, zone: null };
/** All but the audit trail and the messages, which tell of each call. */
const TABLES = [
  "fleet",
  "instances",
  "commands",
  "overrides",
  "pauses",
  "holds",
  "leases",
  "adoptions",
];

class Fleet {
  readonly sql: NodeSql = nodeSql();
  readonly engine: Engine;
  now = NOW;
  #words = 0;

  constructor() {
    migrate(this.sql, NOW);
    const record = recordOfNew({ name: "media", deployment: "default", spec: SPEC }, "k3", NOW);
    writeFleet(this.sql, null, { ...record, listed: true, nextInstance: 100 });
    for (const row of idleRows(SERVERS)) writeInstance(this.sql, row);
    this.engine = new Engine(this.sql, { tickMs: TICK_MS });
    this.tick();
  }

  given = () => ({ now: this.now, word: () => `w${this.#words++}` });

  /** All servers are listed, and say that they are empty. */
  tick(): void {
    this.now += TICK_MS;
    const watch = this.engine.begin(this.now);
    if (watch === null) throw new Error("there is a fleet");
    const { tick, probes, listing } = watch;
    const readings = probes.map(({ name, revision }) => {
      const about = { name, revision, startedAt: this.now };
      return { ...about, kind: "answer" as const, sessions: 0, draining: false };
    });
    const seen = complete(
      idleRows(SERVERS).map(({ name }) => aCloudInstance({ name })),
      this.now,
    );
    const sight = { tick, readings, listing: listing ? seen : ({ kind: "none" } as const) };
    this.engine.plan(anObservation(sight), this.now);
    this.engine.settle([], this.now);
  }

  tables(): unknown {
    return TABLES.map((table) => [table, this.sql.rows(`SELECT * FROM ${table}`)]);
  }
}

let fleet: Fleet;
beforeEach(() => {
  fleet = new Fleet();
});

const REASON = { reason: "INC-7" };
/** A table and not a list, so that a new action does not compile without its line. */
const ACTIONS: Readonly<Record<InstanceAction["kind"], InstanceAction>> = {
  drain: { kind: "drain", then: "hold", ...REASON },
  undrain: { kind: "undrain", ...REASON },
  protect: { kind: "protect", ...REASON },
  unprotect: { kind: "unprotect", ...REASON },
  delete: { kind: "delete", force: true, ...REASON },
  adopt: { kind: "adopt", ...REASON },
};
/** What must have happened for the action to do anything. */
const BEFORE: Readonly<Partial<Record<InstanceAction["kind"], InstanceAction>>> = {
  undrain: ACTIONS.drain,
  unprotect: ACTIONS.protect,
};

function acted(action: InstanceAction): unknown {
  const name = action.kind === "adopt" ? "by-hand" : "media-k3-1";
  return act(fleet.engine, name, action, OLGA, fleet.given());
}

function booked(): unknown {
  const times = { fromMs: null, untilMs: null, expiresInSeconds: 60 };
  return book(fleet.engine, { expression: "3", reason: "a match", ...times }, OLGA, fleet.given());
}

function overrideIds(): string[] {
  return fleet.sql.rows("SELECT id FROM overrides").map(({ id }) => String(id));
}

function leaseIds(): string[] {
  return fleet.sql.rows("SELECT id FROM leases ORDER BY id").map(({ id }) => String(id));
}

const PAUSED = { what: ["launch", "retire"], reason: "deploy" } as const;
const RENEWED = { ttlSeconds: 90, used: true };
/** Each call with what comes before it. */
const CALLS: readonly (readonly [string, () => unknown, () => unknown])[] = [
  ...(Object.keys(ACTIONS) as InstanceAction["kind"][]).map(
    (kind) =>
      [
        `${kind} of a server`,
        () => (BEFORE[kind] === undefined ? null : acted(BEFORE[kind])),
        () => acted(ACTIONS[kind]),
      ] as const,
  ),
  ["a lease under a key", () => null, () => lease(fleet.engine, WISH, OLGA, fleet.given())],
  [
    "the renewal of a lease",
    () => lease(fleet.engine, WISH, OLGA, fleet.given()),
    () => leaseIds().map((id) => renewLease(fleet.engine, id, RENEWED, OLGA, fleet.given())),
  ],
  [
    "the release of a lease",
    () => {
      lease(fleet.engine, WISH, OLGA, fleet.given());
      [released] = leaseIds();
    },
    () => releaseLease(fleet.engine, released ?? "", OLGA, fleet.given()),
  ],
  [
    "the end of an override",
    () => {
      booked();
      booked();
      [ended] = overrideIds();
    },
    () => endOverride(fleet.engine, ended ?? "", OLGA, fleet.given()),
  ],
  ["the end of all overrides", booked, () => endOverrides(fleet.engine, OLGA, fleet.given())],
  [
    "a pause",
    () => null,
    () => pause(fleet.engine, { ...PAUSED, until: NOW + 60_000 }, OLGA, fleet.given()),
  ],
  [
    "a resume",
    () => pause(fleet.engine, { ...PAUSED, until: null }, OLGA, fleet.given()),
    () => resume(fleet.engine, ["launch"], OLGA, fleet.given()),
  ],
  [
    "a spec",
    () => null,
    () => {
      const spec = aSpec({ tags: { team: "other" } });
      const wanted = { name: "media", deployment: "default", spec };
      return configure(fleet.engine, wanted, OLGA, fleet.given());
    },
  ],
  ["a removal", () => null, () => remove(fleet.engine, { force: false }, OLGA, fleet.given())],
];
let released: string | undefined;
let ended: string | undefined;

describe.each(CALLS)("%s", (_name, before, call) => {
  test("that is asked for twice changes what it changes once, also after a restart", () => {
    before();
    const untouched = fleet.tables();
    call();
    const once = fleet.tables();
    expect(once).not.toEqual(untouched);

    call();

    expect(fleet.tables()).toEqual(once);
    const cold = new Engine(fleet.sql, { tickMs: TICK_MS }).read(fleet.now)?.state;
    const live = fleet.engine.read(fleet.now)?.state;
    for (const key of ["instances", "leases", "overrides", "pauses", "adoptions"] as const)
      expect(live?.[key], key).toEqual(cold?.[key]);
  });
});

test("two overrides that are booked alike stand side by side, and each can be ended", () => {
  booked();
  booked();

  expect(new Set(overrideIds()).size).toBe(2);
});

type Step =
  | {
      readonly kind: "lease";
      readonly actor: string;
      readonly key: string | null;
      readonly count: number;
    }
  | { readonly kind: "renew" | "release"; readonly which: number; readonly actor: string }
  | { readonly kind: "pass"; readonly ticks: number };
const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("lease" as const),
    actor: fc.constantFrom("dan", "eve"),
    key: fc.constantFrom(null, "a", "b"),
    count: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constantFrom("renew" as const, "release" as const),
    which: fc.integer({ min: 0, max: 5 }),
    actor: fc.constantFrom("dan", "eve"),
  }),
  fc.record({ kind: fc.constant("pass" as const), ticks: fc.integer({ min: 1, max: 3 }) }),
);

/** What dispatchers may believe: who has which slot, and until when. */
interface Held {
  readonly id: string;
  readonly owner: string;
  readonly actor: string;
  until: number;
}

test("no slot is leased twice, and a lease holds for as long as its taker wants, however often others ask", () => {
  fc.assert(
    fc.property(fc.array(STEP, { maxLength: 25 }), (steps) => {
      fleet = new Fleet();
      const held: Held[] = [];
      const alive = (): Held[] => held.filter(({ until }) => until > fleet.now);
      for (const step of steps) {
        if (step.kind === "pass") for (let tick = 0; tick < step.ticks; tick++) fleet.tick();
        else if (step.kind === "lease") {
          const { actor, key, count } = step;
          const owner = `${actor} ${key}`;
          const before = alive().filter((each) => key !== null && each.owner === owner);
          const taken = leaseIds().length;
          const wish = { ...WISH, key, count, ttlSeconds: 20 };
          const reply = lease(fleet.engine, wish, { actor }, fleet.given());
          if ("leases" in reply) {
            const ids = reply.leases.map(({ id }) => id);
            expect(reply.repeated).toBe(before.length > 0);
            if (reply.repeated)
              expect(ids.toSorted()).toEqual(before.map(({ id }) => id).toSorted());
            else
              for (const id of ids)
                held.push({ id, owner, actor, until: fleet.now + 20 * SECOND_MS });
          } else expect(SERVERS * CAPACITY - taken).toBeLessThan(count);
        } else {
          const id = held[step.which]?.id ?? "nobody's";
          const { actor } = step;
          const mine = alive().find((each) => each.id === id && each.actor === actor);
          const asked = { actor, isOperator: false };
          const reply =
            step.kind === "renew"
              ? renewLease(fleet.engine, id, { ttlSeconds: 20, used: false }, asked, fleet.given())
              : releaseLease(fleet.engine, id, asked, fleet.given());
          expect("refused" in reply).toBe(mine === undefined);
          if (mine !== undefined)
            mine.until = step.kind === "renew" ? fleet.now + 20 * SECOND_MS : fleet.now;
        }
        const state = fleet.engine.read(fleet.now)?.state;
        if (state === undefined) throw new Error("there is a fleet");
        expect(
          leasesOf(state, OLGA)
            .map(({ id }) => id)
            .toSorted(),
        ).toEqual(
          alive()
            .map(({ id }) => id)
            .toSorted(),
        );
        for (const leases of state.leases.values())
          expect(leases.length).toBeLessThanOrEqual(CAPACITY);
      }
    }),
    { numRuns: 40, seed: 20_261_122 },
  );
});

test("an outcome that is heard twice is evidence once, and the newest of a kind counts", () => {
  const tried = [
    { kind: "done", requestId: null },
    {
      kind: "rejected",
      rejection: "credentials",
      code: "AccessDenied",
      message: "no",
      requestId: null,
    },
  ] as const;
  for (const [number, outcome] of tried.entries()) {
    insertCommand(fleet.sql, aCommand(aCreate("a"), number), NOW);
    for (const later of [1, 2])
      settleCommandRow(
        fleet.sql,
        { ...outcome, number, calls: [] },
        NOW + (number * 10 + later) * SECOND_MS,
      );

    expect(readEvidence(fleet.sql)).toEqual([
      {
        action: "create",
        at: new Date(NOW + (number * 10 + 1) * SECOND_MS).toISOString(),
        refusal:
          outcome.kind === "done"
            ? null
            : { rejection: "credentials", code: "AccessDenied", message: "no" },
      },
    ]);
  }
});
