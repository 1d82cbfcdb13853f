import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Departures } from "./departures.ts";

test("sessions leave in the order of their ends, whatever the order they came in", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (ends) => {
      const departures = new Departures();
      for (const [id, endsAtMs] of ends.entries()) departures.add({ id, host: "a", endsAtMs });

      const left = ends.map(() => {
        const nextAtMs = departures.nextAtMs;
        const session = departures.take();
        expect(session?.endsAtMs).toBe(nextAtMs);
        return session;
      });

      const sorted = ends
        .map((endsAtMs, id) => ({ id, host: "a", endsAtMs }))
        .sort((a, b) => a.endsAtMs - b.endsAtMs || a.id - b.id);
      expect(left).toEqual(sorted);
    }),
    { seed: 1 },
  );
});

test("without sessions there is no next departure", () => {
  const departures = new Departures();

  expect(departures.nextAtMs).toBe(Number.POSITIVE_INFINITY);
  expect(departures.take()).toBeUndefined();
});
