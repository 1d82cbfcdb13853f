/** Overrides are booked, listed and ended, through the engine over real SQL. */
import { describe, expect, it } from "vitest";
import { book, endOverride, endOverrides } from "../../durable/operate-target.ts";
import { remove } from "../../durable/operate.ts";
import { overridesOf, targetOfState } from "../../durable/report.ts";
import type { Booking } from "../../durable/rules/target-views.ts";
import {
  aFleet as theFleet,
  eventsOf,
  everything,
  type Fleet,
  OLGA,
  restart,
  stateOf,
  unborn,
} from "./fleet-builder.ts";
import { MINUTE_MS, NOW, SECOND_MS } from "./rules/builders.ts";

const HOUR_MS = 60 * MINUTE_MS;

function aFleet(): Fleet {
  return theFleet({ spares: { default: "5" } });
}

function aBooking(overrides: Partial<Booking> = {}): Booking {
  return {
    expression: "20",
    fromMs: null,
    untilMs: null,
    expiresInSeconds: 3_600,
    reason: "final",
    ...overrides,
  };
}

let ids = 0;
function booked(fleet: Fleet, overrides: Partial<Booking> = {}) {
  const word = (): string => `id${(ids += 1)}`;
  return book(fleet.engine, aBooking(overrides), OLGA, { now: fleet.now, word });
}

/** @returns its id; a refused one fails the test. */
function idOf(fleet: Fleet, overrides: Partial<Booking> = {}): string {
  const answer = booked(fleet, overrides);
  if ("refused" in answer) throw new Error(answer.refused.detail);
  return answer.override.id;
}

function ended(fleet: Fleet, id: string) {
  return endOverride(fleet.engine, id, OLGA, { now: fleet.now, word: () => "w" });
}

/** `expression from the API's view`, with a star where it rules. */
function listed(fleet: Fleet): string[] {
  return overridesOf(stateOf(fleet)).map(
    ({ expression, rules }) => `${expression}${rules ? " *" : ""}`,
  );
}

function ruling(fleet: Fleet): string {
  const { source, expression } = targetOfState(stateOf(fleet));
  return `${source} ${expression}`;
}

function refusedWith(fleet: Fleet, call: () => object): unknown {
  const before = everything(fleet);
  const answer = call();

  expect(everything(fleet)).toEqual(before);
  return answer;
}

describe("an override", () => {
  it("rules from now on where it names no beginning, and is told with its end", () => {
    const answer = booked(aFleet());

    expect(answer).toMatchObject({
      override: {
        expression: "20",
        from: new Date(NOW).toISOString(),
        until: new Date(NOW + HOUR_MS).toISOString(),
        reason: "final",
        actor: "olga",
        rules: true,
      },
      target: { spares: 20, source: "override", reason: "final" },
    });
  });

  it("begins and ends when it says so, and its time is counted from its beginning", () => {
    const fleet = aFleet();
    booked(fleet, { fromMs: NOW + HOUR_MS, expiresInSeconds: 60 });
    booked(fleet, { expression: "9", fromMs: NOW + 2 * HOUR_MS, untilMs: NOW + 3 * HOUR_MS });
    const at = (now: number): string => {
      fleet.now = now;
      return ruling(fleet);
    };

    expect([NOW, NOW + HOUR_MS - 1].map(at)).toEqual(["default 5", "default 5"]);
    expect([NOW + HOUR_MS, NOW + HOUR_MS + 59 * SECOND_MS].map(at)).toEqual([
      "override 20",
      "override 20",
    ]);
    expect([NOW + HOUR_MS + MINUTE_MS, NOW + 2 * HOUR_MS, NOW + 3 * HOUR_MS].map(at)).toEqual([
      "default 5",
      "override 9",
      "default 5",
    ]);
  });

  it("does not erase those that are booked already; the one that began last rules", () => {
    const fleet = aFleet();

    booked(fleet, { expression: "40", fromMs: NOW + HOUR_MS });
    booked(fleet, { expression: "total:60" });
    booked(fleet, { expression: "7" });

    expect(listed(fleet)).toEqual(["total:60", "7 *", "40"]);
  });

  it("is in the ledger, with its audit row, after a restart", () => {
    const fleet = aFleet();
    const id = idOf(fleet, { fromMs: NOW + HOUR_MS, untilMs: NOW + 2 * HOUR_MS });
    const before = overridesOf(stateOf(fleet));

    restart(fleet);

    expect(overridesOf(stateOf(fleet))).toEqual(before);
    const [event, ...others] = eventsOf(fleet, "override");
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      actor: "olga",
      message: `target 20 from ${new Date(NOW + HOUR_MS).toISOString()} until ${new Date(NOW + 2 * HOUR_MS).toISOString()}: final`,
    });
    expect(JSON.parse(String(event?.["data"]))).toMatchObject({ id, expression: "20" });
  });

  it("does not say when it begins where that is now", () => {
    const fleet = aFleet();
    booked(fleet);

    expect(eventsOf(fleet, "override")).toMatchObject([
      { message: `target 20 until ${new Date(NOW + HOUR_MS).toISOString()}: final` },
    ]);
  });

  it("is refused where a hundred are booked, and taken when one of them is over", () => {
    const fleet = aFleet();
    for (let count = 0; count < 99; count += 1) booked(fleet);
    booked(fleet, { expiresInSeconds: 60 });

    expect(refusedWith(fleet, () => booked(fleet))).toMatchObject({
      refused: { status: 409, title: "Too many overrides are booked" },
    });
    fleet.now = NOW + MINUTE_MS;
    expect(booked(fleet)).toHaveProperty("override");
  });

  it("is refused where there is no fleet", () => {
    expect(booked(unborn())).toMatchObject({ refused: { status: 404, title: "No such fleet" } });
  });

  it("does not want servers of a fleet that is being removed", () => {
    const fleet = aFleet();
    remove(fleet.engine, { force: false }, OLGA, { now: fleet.now, word: () => "w" });

    expect(booked(fleet)).toMatchObject({ target: { spares: 0, source: "override" } });
  });
});

describe("the end of an override by its id", () => {
  it("ends one that rules, and what is beneath it rules at once", () => {
    const fleet = aFleet();
    const first = idOf(fleet, { expression: "9" });
    const second = idOf(fleet);

    expect(ended(fleet, second)).toMatchObject({ spares: 9, source: "override" });
    expect(ended(fleet, first)).toMatchObject({ spares: 5, source: "default" });
    restart(fleet);
    expect(listed(fleet)).toEqual([]);
    expect(eventsOf(fleet, "override").slice(2)).toMatchObject([
      { actor: "olga", message: `the override ${second} was ended: 20` },
      { actor: "olga", message: `the override ${first} was ended: 9` },
    ]);
  });

  it("ends one that has not begun, and no other", () => {
    const fleet = aFleet();
    booked(fleet);
    const later = idOf(fleet, { expression: "9", fromMs: NOW + HOUR_MS });

    expect(ended(fleet, later)).toMatchObject({ spares: 20 });
    expect(listed(fleet)).toEqual(["20 *"]);
  });

  it("is refused, and changes nothing, where there is none of that id, or it is over", () => {
    const fleet = aFleet();
    const id = idOf(fleet, { expiresInSeconds: 60 });
    fleet.now = NOW + MINUTE_MS;

    for (const none of ["nobody", id])
      expect(refusedWith(fleet, () => ended(fleet, none))).toMatchObject({
        refused: { status: 404, title: "No such override" },
      });
    expect(ended(unborn(), id)).toMatchObject({ refused: { title: "No such fleet" } });
  });
});

describe("the end of those that rule", () => {
  const endAll = (fleet: Fleet) =>
    endOverrides(fleet.engine, OLGA, { now: fleet.now, word: () => "w" });

  it("ends all that have begun, and none that is booked for later", () => {
    const fleet = aFleet();
    booked(fleet);
    booked(fleet, { expression: "9" });
    booked(fleet, { expression: "40", fromMs: NOW + HOUR_MS });

    expect(endAll(fleet)).toMatchObject({ spares: 5, source: "default" });
    expect(listed(fleet)).toEqual(["40"]);
    expect(eventsOf(fleet, "override").at(-1)).toMatchObject({ message: "2 overrides ended" });
  });

  it("ends nothing where none rules, nor where there is no fleet", () => {
    const fleet = aFleet();

    expect(endAll(fleet)).toMatchObject({ spares: 5 });
    expect(endAll(unborn())).toMatchObject({ refused: { status: 404 } });
  });
});

describe("faults that were found", () => {
  it.each<[string, Partial<Booking>]>([
    ["over already", { untilMs: NOW }],
    ["without a length", { untilMs: null, expiresInSeconds: null }],
    ["over before it begins", { fromMs: NOW + HOUR_MS, untilMs: NOW + MINUTE_MS }],
  ])(
    "one that is %s is refused, and not booked under the words `No such fleet`",
    (_what, booking) => {
      const fleet = aFleet();

      expect(refusedWith(fleet, () => booked(fleet, booking))).toMatchObject({
        refused: { status: 409, title: "The override would be over before it begins" },
      });
    },
  );
});
