/** What people would have seen after the object's ticks failed to come for hours. */
import { expect, test } from "vitest";
import { specOf, startFleet, type VirtualFleet } from "./fleet.ts";

const THREE_HOURS_MS = 3 * 3_600_000;

function draining(fleet: VirtualFleet): number {
  return fleet.status().counts.draining;
}

test("the first tick after three hours without ticks cordons nothing on one fresh reading", async () => {
  const fleet = startFleet({ spec: { spares: { default: "6" } } });
  await fleet.run(80);
  fleet.apply(specOf({ spares: { default: "3" } }));
  await fleet.run(3);
  expect(draining(fleet)).toBe(0);

  fleet.sleep(THREE_HOURS_MS);
  await fleet.run(1);

  expect(draining(fleet)).toBe(0);
  // The surplus has to last again, as long as the spec says: a minute.
  await fleet.run(11);
  expect(draining(fleet)).toBe(0);
  await fleet.run(3);
  expect(draining(fleet)).toBe(3);
});

test("a drained server is not deleted on readings from before three hours without ticks", async () => {
  const fleet = startFleet({
    spec: { spares: { default: "2" } },
  });
  await fleet.run(80);
  fleet.apply(specOf({ spares: { default: "1" } }));
  while (draining(fleet) === 0) await fleet.run(1);
  // Seen empty all through its drain time, and once after it: one more reading would be enough.
  await fleet.run(7);
  expect(draining(fleet)).toBe(1);

  fleet.sleep(THREE_HOURS_MS);
  await fleet.run(1);

  expect(draining(fleet)).toBe(1);
  await fleet.run(12);
  expect(fleet.status().counts.total).toBe(1);
});
