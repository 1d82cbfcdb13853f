/**
 * Placing a session, lease, cordon, probe and delete, in drawn interleavings with operators and deaths of
 * the object (I1, I2, I4, I12, I13; see `judge.ts`). `INTERLEAVINGS=100000` runs that many.
 */
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BROKEN } from "./broken.ts";
import { openLedger } from "./ledger.ts";
import { interleave, SOUND } from "./model.ts";
import { type Counted, type House, NOTHING, SCENARIO, type World } from "./world.ts";

const SEED = 20_261_124;
const RUNS = Number(process.env["INTERLEAVINGS"] ?? 1_300);
/** A broken rule is found within so many runs. */
const RUNS_TO_FIND = 1_000;
const RUN_LIMIT_MS = 30;
const TEST_LIMIT_MS = 60_000 + RUNS * RUN_LIMIT_MS;

const sql = openLedger();

/** Runs until one has a fault of the kind that is looked for. */
function check(house: House, runs: number, faulty: RegExp, see: (world: World) => void = () => {}) {
  const property = fc.asyncProperty(fc.scheduler(), SCENARIO, async (scheduler, scenario) => {
    const world = await interleave(sql, house, scheduler, scenario);
    see(world);
    const faults = world.faults.filter((fault) => faulty.test(fault));
    if (faults.length > 0)
      throw new Error([...faults, "in this order:", ...world.trail].join("\n  "));
  });
  return fc.check(property, { numRuns: runs, seed: SEED });
}

it(
  `${RUNS} interleavings delete no live session and lose no change`,
  async () => {
    const sums: Counted = { ...NOTHING };
    const orders = new Set<string>();

    const result = await check(SOUND, RUNS, /./u, ({ counted, trail }) => {
      for (const key of Object.keys(sums) as (keyof Counted)[]) sums[key] += counted[key];
      orders.add(createHash("sha1").update(trail.join("\n")).digest("base64").slice(0, 12));
    });

    console.log(`seed ${SEED}, ${orders.size} different orders:`, sums);
    if (result.failed)
      expect.fail(`${String(result.errorInstance)}\n${fc.defaultReportMessage(result)}`);
    // Worlds in which little happens would prove little.
    expect(orders.size).toBeGreaterThan(RUNS * 0.9);
    expect(sums.deletes).toBeGreaterThan(RUNS * 0.2);
    expect(sums.placed).toBeGreaterThan(RUNS * 0.5);
    expect(sums.placedWhileDraining).toBeGreaterThan(RUNS * 0.01);
    expect(sums.leased).toBeGreaterThan(RUNS * 0.3);
    expect(sums.placedByLease).toBeGreaterThan(RUNS * 0.2);
    expect(sums.deathsInCommand).toBeGreaterThan(RUNS * 0.01);
  },
  TEST_LIMIT_MS,
);

describe("the same property finds a fleet that", () => {
  it.each(BROKEN)(
    "$fault",
    async ({ fault, house, foundBy }) => {
      const result = await check(house, RUNS_TO_FIND, foundBy);

      expect(result.failed).toBe(true);
      console.log(`${fault}: found in run ${result.numRuns}`);
    },
    TEST_LIMIT_MS,
  );
});
