/** I19 to I22: what size and a slow AWS must not do to a fleet. */
import { describe, expect, test } from "vitest";
import { NOW } from "../../durable/rules/builders.ts";
import type { SimEvent } from "../event.ts";
import { aCall, aCommit, aProbe, at, judged, type Step, truthOf } from "./builders.ts";
import { ringsRarely } from "./i14-clockwork.ts";
import { noLaunchForTheUnasked } from "./i19-the-unasked.ts";
import { ownWaiting } from "./i19-own-waiting.ts";
import { looksFor, readInTurn } from "./i20-read-in-turn.ts";
import { refusals } from "./i21-refusals.ts";
import { arrives } from "./i22-arrives.ts";
import type { Machine, Truth } from "./invariant.ts";

const NAME = "media-k3-1";
const ADDRESS = "127.16.0.1";
const CREATED = aCall("CreateInstances", [NAME]);
const PUT = aCall("PutInstancePublicPorts", [NAME]);
const FINISHED: SimEvent = { kind: "alarm", what: "finished", at: null };

/** A machine of which this is so, by seconds after NOW. */
function aMachine(addressAt: number, overrides: Partial<Machine> = {}): Machine {
  const running = NOW + addressAt * 1_000;
  return {
    address: ADDRESS,
    addressAt: running,
    answersFrom: running + 10_000,
    isWell: false,
    ...overrides,
  };
}

describe("I19, a boot that is given up", () => {
  const spec = { timeouts: { startSeconds: 120, readySeconds: 120 } };
  const events = [{ kind: "delete", instance: NAME, data: { reason: "bootFailed" } }] as const;
  const failed = (from: "starting" | "configuring" | "warming") =>
    aCommit([{ name: NAME, from, to: "deleting" }]);
  const truth = truthOf({ spec, events, machines: { [NAME]: aMachine(50) } });
  const bootedAt = (seconds: number): Step[] => [
    [CREATED, at(0, truth)],
    [PUT, at(seconds, truth)],
  ];

  test("is held against the fleet where its ports came late", () => {
    const steps: Step[] = [...bootedAt(200), [failed("warming"), at(240, truth)]];

    expect(judged(ownWaiting, ...steps)).toBe(
      `the boot of ${NAME} was given up, but it had 90000 of 120000 ms to itself`,
    );
  });

  test("is not, where the server had its whole time", () => {
    const steps: Step[] = [...bootedAt(200), [failed("warming"), at(280, truth)]];

    expect(judged(ownWaiting, ...steps)).toBeNull();
  });

  test("is held against the fleet where its ports were never put", () => {
    const steps: Step[] = [
      [CREATED, at(0, truth)],
      [failed("configuring"), at(400, truth)],
    ];

    expect(judged(ownWaiting, ...steps)).toContain("its ports were never put");
  });

  test("is not, where AWS does not want its ports", () => {
    const refused = { hadEffect: false, outcome: "InvalidInputException" };
    const steps: Step[] = [
      [CREATED, at(0, truth)],
      [aCall("PutInstancePublicPorts", [NAME], refused), at(60, truth)],
      [aCall("PutInstancePublicPorts", [NAME], refused), at(90, truth)],
      [failed("configuring"), at(400, truth)],
    ];

    expect(judged(ownWaiting, ...steps)).toBeNull();
  });

  test("is held against the fleet where it ran, and nobody looked", () => {
    const steps: Step[] = [
      [CREATED, at(0, truth)],
      [failed("starting"), at(125, truth)],
    ];

    expect(judged(ownWaiting, ...steps)).toContain("it ran for 75000 ms");
  });

  test("is not, where its machine is off", () => {
    const off = { ...truth, machine: () => null };
    const steps: Step[] = [
      [CREATED, at(0, off)],
      [failed("starting"), at(125, off)],
    ];

    expect(judged(ownWaiting, ...steps)).toBeNull();
  });

  test("is held against the fleet where it answers, and was not asked", () => {
    const well = { ...truth, machine: () => aMachine(50, { isWell: true }) };
    const steps: Step[] = [
      [CREATED, at(0, well)],
      [PUT, at(51, well)],
      [failed("warming"), at(200, well)],
    ];
    const asked: Step[] = [
      ...steps.slice(0, 2),
      [aProbe(100, 0), at(100, well)],
      ...steps.slice(2),
    ];

    expect(judged(ownWaiting, ...steps)).toContain("could answer for 140000 ms, and was not asked");
    expect(judged(ownWaiting, ...asked)).toBeNull();
  });

  test("is none where a rollout drains a warming server", () => {
    const other = truthOf({
      spec,
      events: [{ kind: "drain", instance: NAME, data: { reason: "operator" } }],
      machines: { [NAME]: aMachine(50) },
    });
    const drained = aCommit([{ name: NAME, from: "warming", to: "draining" }]);

    expect(judged(ownWaiting, [CREATED, at(0, other)], [drained, at(60, other)])).toBeNull();
  });
});

describe("I19, a launch", () => {
  const nameOf = (index: number) => `media-k3-${index}`;
  const ready = Array.from({ length: 60 }, (_, index) => ({ name: nameOf(index + 1) }));
  const planned = { name: nameOf(99), phase: "planned" } as const;
  const launch = aCommit([{ name: planned.name, from: null, to: "planned" }]);
  const truthWith = (launching: number) =>
    truthOf({
      rows: [
        ...ready,
        ...Array.from({ length: launching }, (_, n) => ({ ...planned, name: nameOf(100 + n) })),
      ],
      events: [{ kind: "launch", data: { target: 60, surge: 0 } }],
    });
  const invariant = { id: "I19", says: "", start: noLaunchForTheUnasked };
  const seenIdle = (truth: Truth, count: number, seconds: number): Step[] =>
    ready
      .slice(0, count)
      .map(({ name }) => [aProbe(seconds, 0, name), at(seconds, truth)] as const);

  test("in place of servers that were not asked any more is told", () => {
    const truth = truthWith(20);

    expect(judged(invariant, ...seenIdle(truth, 60, -90), [launch, at(0, truth)])).toContain(
      "20 servers launch, 60 are idle as far as they were asked",
    );
  });

  test("in place of servers that did not answer is not", () => {
    const truth = truthWith(20);
    const silent = ready.slice(40).map(({ name }): Step => [aProbe(-5, null, name), at(-5, truth)]);
    const steps = [...seenIdle(truth, 60, -90), ...seenIdle(truth, 40, -5), ...silent];

    expect(judged(invariant, ...steps, [launch, at(0, truth)])).toBeNull();
  });

  test("for a few more than there are is not", () => {
    const truth = truthWith(2);

    expect(judged(invariant, ...seenIdle(truth, 60, -90), [launch, at(0, truth)])).toBeNull();
  });
});

describe("I14, with ticks that come early", () => {
  const RANG: SimEvent = { kind: "alarm", what: "fired", at: null };
  const rung = (truth: Truth, everySeconds: number, count: number): Step[] =>
    Array.from({ length: count }, (_, nth) => [RANG, at(nth * everySeconds, truth)] as const);
  const invariant = { id: "I14", says: "", start: ringsRarely };

  test("lets them come each second while a server boots", () => {
    const booting = truthOf({ rows: [{ phase: "starting" }] });

    expect(judged(invariant, ...rung(booting, 1, 200))).toBeNull();
    expect(judged(invariant, ...rung(booting, 0.5, 200))).toContain("rang 61 times in a minute");
  });

  test("does not while nothing is under way", () => {
    expect(judged(invariant, ...rung(truthOf({ rows: [{}] }), 5, 200))).toBeNull();
    expect(judged(invariant, ...rung(truthOf({ rows: [{}] }), 1, 200))).toContain(
      "rang 21 times in a minute in which nothing was under way",
    );
  });
});

describe("I20", () => {
  const rows = [{ publicIp: ADDRESS }, { name: "media-k3-2", publicIp: "127.16.0.2" }];
  const well = aMachine(-600, { isWell: true });
  const machines: Readonly<Record<string, Machine>> = {
    [NAME]: well,
    "media-k3-2": { ...well, address: "127.16.0.2" },
  };
  const truth = truthOf({ rows, machines, spec: { health: { intervalSeconds: 5 } } });
  /** So many looks, in each of which the other server alone is asked. */
  const looks = (count: number, ofTruth = truth): Step[] =>
    Array.from({ length: count }, (_, nth) => [
      [aProbe(5 * nth, 0, "media-k3-2"), at(5 * nth, ofTruth)] as const,
      [FINISHED, at(5 * nth, ofTruth)] as const,
    ]).flat();

  test("leaves the more looks the more servers there are, and the farther they are", () => {
    expect([looksFor(1, 100), looksFor(300, 200), looksFor(300, 800)]).toEqual([4, 7, 17]);
  });

  test("tells of a healthy server whose turn never comes", () => {
    expect(judged(readInTurn, ...looks(5))).toBeNull();
    expect(judged(readInTurn, ...looks(6))).toContain(
      `${NAME} is well, and was not asked in 5 looks`,
    );
  });

  test.each([
    ["is ill", { ...machines, [NAME]: { ...well, isWell: false } }],
    ["has moved", { ...machines, [NAME]: { ...well, address: "127.16.9.9" } }],
  ])("says nothing of one that %s", (_what, others: Readonly<Record<string, Machine>>) => {
    const other = { ...truth, machine: (name: string) => others[name] ?? null };

    expect(judged(readInTurn, ...looks(9, other))).toBeNull();
  });

  test.each([
    ["an object that is new", { kind: "crash", life: 1 }],
    ["ticks that fail", { kind: "text", text: '{"event":"tick.failed","error":"x"}' }],
  ] as const)("counts anew after %s", (_what, event) => {
    const steps = [...looks(5), [event, at(25, truth)] as const, ...looks(5)];

    expect(judged(readInTurn, ...steps)).toBeNull();
  });

  test("does not count looks that come before the interval is over", () => {
    const hasty = Array.from({ length: 20 }, (_, nth): Step => [FINISHED, at(nth, truth)]);

    expect(judged(readInTurn, ...hasty)).toBeNull();
  });
});

describe("I21", () => {
  const truth = truthOf();
  const call = (outcome: string): SimEvent =>
    aCall("GetInstances", [], { outcome, hadEffect: outcome === "ok" });
  const calls = (count: number, outcome: string, second = 0): Step[] =>
    Array.from({ length: count }, () => [call(outcome), at(second, truth)] as const);

  test("allows twenty refusals, and one for each five calls", () => {
    const steps = [...calls(100, "ok"), ...calls(40, "ThrottlingException")];

    expect(judged(refusals, ...steps)).toBeNull();
    expect(judged(refusals, ...steps, ...calls(1, "ThrottlingException"))).toContain(
      "AWS refused 41 calls within the hour in which it took 100",
    );
  });

  test("counts anew in the next hour", () => {
    const steps = [...calls(20, "ThrottlingException"), ...calls(20, "ThrottlingException", 3_601)];

    expect(judged(refusals, ...steps)).toBeNull();
  });

  test("does not count what a fault refused", () => {
    const fault: SimEvent = { kind: "fault", fault: "throttleStorm" };

    expect(
      judged(refusals, [fault, at(0, truth)], ...calls(99, "ThrottlingException", 60)),
    ).toBeNull();
  });

  test("does not count EC2's calls", () => {
    const steps = Array.from({ length: 30 }, (): Step => [
      aCall("DescribeTags", [], { outcome: "ThrottlingException", hadEffect: false }),
      at(0, truth),
    ]);

    expect(judged(refusals, ...steps)).toBeNull();
  });
});

describe("I22", () => {
  const arrival = { servers: 2, from: NOW, shortestMs: 60_000, by: NOW + 120_000 };

  test("tells of a fleet that is not there in time", () => {
    const truth = truthOf({ rows: [{}], arrival });

    expect(judged(arrives, [FINISHED, at(120, truth)])).toBeNull();
    expect(judged(arrives, [FINISHED, at(121, truth)])).toBe(
      "1 of 2 servers are ready after 121000 ms, and 60000 are possible",
    );
  });

  test("does not mind what becomes of it later", () => {
    const there = truthOf({ rows: [{}, { name: "media-k3-2" }], arrival });
    const less = truthOf({ rows: [{}], arrival });

    expect(judged(arrives, [FINISHED, at(100, there)], [FINISHED, at(300, less)])).toBeNull();
  });
});
