/** The attack: somebody who may only read asks for the preview of a dense schedule, again and again. */
import { Cron } from "croner";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Previews } from "../../../durable/calendar/preview.ts";
import { scheduleBasisOf } from "../../../durable/preview.ts";
import { aFleet, type Fleet, stateOf } from "../fleet-builder.ts";

const ENTRIES = 100;
/** As dense as a spec may be: 14 beginnings of each entry a day. */
const DENSE = Array.from({ length: ENTRIES }, (_, index) => ({
  name: `entry ${index}`,
  cron: `${index % 60} ${index % 3}-${(index % 3) + 13} * * *`,
  timezone: "Asia/Seoul",
  spares: "5",
  until: null,
}));

/** Questions to the calendar: they are what takes the time. */
let asked = 0;
beforeEach(() => {
  asked = 0;
  for (const name of ["nextRun", "previousRuns"] as const) {
    // eslint-disable-next-line typescript/unbound-method -- it is called with its own `this`.
    const real = Cron.prototype[name] as (...args: unknown[]) => unknown;
    vi.spyOn(Cron.prototype, name).mockImplementation(function (this: Cron, ...args: unknown[]) {
      asked++;
      return Reflect.apply(real, this, args) as never;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

function dense(): Fleet {
  const fleet = aFleet({ spares: { schedule: DENSE } });
  stateOf(fleet);
  asked = 0;
  return fleet;
}

describe("a preview of the densest schedule", () => {
  it("asks the calendar of the object nothing, however often it is wanted", () => {
    const fleet = dense();

    for (let request = 0; request < 20; request++) scheduleBasisOf(stateOf(fleet));

    expect(asked).toBe(0);
  });

  it("asks the Worker's calendar once a minute, and for each entry only when it begins", () => {
    const basis = scheduleBasisOf(stateOf(dense()));
    const previews = new Previews();

    const first = previews.of(basis, 366);
    const once = asked;
    for (let second = 1; second < 60; second++)
      previews.of({ ...basis, now: basis.now + second * 1_000 }, 366);

    expect([first.boundaries.length, first.more]).toEqual([1_000, true]);
    expect(once).toBeGreaterThan(1_000);
    // Two entries share each moment, and each asks for the time before and the time after it.
    expect(once).toBeLessThan(4 * (1_000 + 2 * ENTRIES));
    expect(asked).toBe(once);
    previews.of({ ...basis, now: basis.now + 60_000 }, 366);
    expect(asked).toBeGreaterThan(once);
  });

  it("is the same whether it was remembered or not", () => {
    const basis = scheduleBasisOf(stateOf(dense()));
    const previews = new Previews();
    previews.of(basis, 2);

    for (const seconds of [0, 1, 30, 59]) {
      const later = { ...basis, now: basis.now + seconds * 1_000 };
      expect(previews.of(later, 2)).toEqual(new Previews().of(later, 2));
    }
  });

  it("of many fleets does not make the Worker remember more and more", () => {
    const basis = scheduleBasisOf(stateOf(aFleet()));
    const previews = new Previews();
    const of = (fleet: number) => {
      const schedule = DENSE.slice(0, 1).map((entry) => ({ ...entry, name: `fleet ${fleet}` }));
      previews.of({ ...basis, spares: { ...basis.spares, schedule } }, 1);
    };
    of(0);
    for (let fleet = 1; fleet <= 16; fleet++) of(fleet);
    asked = 0;

    of(16);
    expect(asked).toBe(0);
    of(0);
    expect(asked).toBeGreaterThan(0);
  });
});
