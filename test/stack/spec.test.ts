import { describe, expect, test } from "vitest";
import { parseSpec } from "../../worker/api/spec.ts";
import { sizeFor, targetMax } from "./size.ts";
import { mediaSpec } from "./spec.ts";

const VCPUS_OF_A_SERVER = 2;

describe("the spec of the stack", () => {
  test.each([
    [0, 1],
    [1, 1],
    [10, 1],
    [300, 1],
    [targetMax(1), 1],
    [targetMax(2), 2],
    [10_000, 10_000],
  ])("is taken for %i spares on servers with room for %i", (target, capacity) => {
    for (const speed of [0.1, 1, 50]) {
      const parsed = parseSpec(mediaSpec({ speed, target, capacity }));

      expect(parsed).toMatchObject({ ok: true });
    }
  });

  test.each([10, 60, 300, 800])("leaves room for %i spares and for busy servers", (target) => {
    const { maxInstances, sparesMax, maxLaunchesPerTick, vcpuQuota } = sizeFor(target, 1);

    expect(maxInstances).toBeGreaterThanOrEqual(1.25 * target);
    expect(sparesMax).toBeGreaterThanOrEqual(target);
    expect(vcpuQuota).toBeGreaterThanOrEqual(VCPUS_OF_A_SERVER * maxInstances);
    expect(target / maxLaunchesPerTick, "ticks to launch all").toBeLessThanOrEqual(8);
  });
});
