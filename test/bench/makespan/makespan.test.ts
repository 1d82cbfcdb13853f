import { beforeAll, expect, test } from "vitest";
import { installCrypto } from "../../sim/runtime/crypto.ts";
import { installScheduler } from "../../sim/runtime/scheduler.ts";
import { runBaseline } from "./baselines.ts";
import { boundSeconds } from "./bound.ts";
import { BASELINES, type Cell } from "./cell.ts";
import { readMakespanOptions } from "./options.ts";
import { runFleet, runThereAndBack } from "./run-fleet.ts";

const FRIENDLY: Cell = {
  servers: 20,
  bucket: { burst: 20, perSecond: 5 },
  kind: "shared",
  costly: false,
};
const SEEDING = { seed: 1, latencySpread: 0.2, limit: 5 };

beforeAll(() => {
  installCrypto();
  installScheduler();
});

test("a fleet arrives, no sooner than the bound, and the same seed gives the same run", async () => {
  const run = await runFleet(FRIENDLY, SEEDING);
  const again = await runFleet(FRIENDLY, SEEDING);

  expect(run).toMatchObject({ ready: 20, deletedOnTheWay: 0, createdBeyond: 0 });
  expect(run.makespanSeconds).toBeGreaterThanOrEqual(boundSeconds(FRIENDLY));
  expect(run.calls["PutInstancePublicPorts"]).toBeGreaterThanOrEqual(20);
  expect(again).toEqual(run);
});

test("a fleet that has no time to arrive is reported as absent", async () => {
  const run = await runFleet(FRIENDLY, { ...SEEDING, limit: 0.5 });

  expect(run).toMatchObject({ makespanSeconds: null, ready: 0 });
});

test("a fleet that is retired deletes each of its servers", async () => {
  const { arrived, calls, retiredSeconds } = await runThereAndBack(FRIENDLY, SEEDING);

  expect(arrived.makespanSeconds).not.toBeNull();
  expect(retiredSeconds).not.toBeNull();
  expect(calls["DeleteInstance"]).toBeGreaterThanOrEqual(20);
});

test("each baseline reaches the bound where nothing is refused, but for its latencies", async () => {
  for (const name of BASELINES) {
    const run = await runBaseline(name, FRIENDLY, SEEDING);

    expect([name, run.refusals]).toEqual([name, 0]);
    expect(run.makespanSeconds).toBeGreaterThanOrEqual(57);
    expect(run.makespanSeconds).toBeLessThan(58);
  }
});

test("each baseline is refused where the bucket is small, and goes on until it is through", async () => {
  const cell: Cell = { ...FRIENDLY, bucket: { burst: 5, perSecond: 0.5 } };

  for (const name of BASELINES) {
    const run = await runBaseline(name, cell, SEEDING);

    expect([name, run.refusals > 0]).toEqual([name, true]);
    expect(run.makespanSeconds).toBeGreaterThanOrEqual(boundSeconds(cell));
    expect(run.calls["PutInstancePublicPorts"]).toBeGreaterThanOrEqual(20);
  }
});

test("the command line names one cell, or the whole table", () => {
  const one = ["--servers", "60", "--bucket", "5,0.5", "--kind", "reads-writes", "--costly"];

  expect(readMakespanOptions(one).cells).toEqual([
    { servers: 60, bucket: { burst: 5, perSecond: 0.5 }, kind: "reads-writes", costly: true },
  ]);
  expect(readMakespanOptions([]).cells).toHaveLength(5 * 4 * 2 * 2);
  expect(readMakespanOptions(["--seed", "7", "--seeds", "3"]).seeds).toEqual([7, 8, 9]);
});

test("a command line that makes no sense is refused with the option's name", () => {
  for (const args of [
    ["--bucket", "5"],
    ["--kind", "odd"],
    ["--client", "odd"],
    ["--servers", "0"],
  ])
    expect(() => readMakespanOptions(args)).toThrow(args[0]);
  expect(() => readMakespanOptions(["--costly", "--free"])).toThrow("exclude");
  expect(() => readMakespanOptions(["--odd"])).toThrow("odd");
});
