import { expect, test } from "vitest";
import { billOf, type PerTick, usageOf } from "./bill.ts";

const QUIET: PerTick = {
  seconds: 0.4,
  shardSeconds: 0,
  shards: 0,
  cpuMs: 10,
  rowsRead: 2,
  rowsWritten: 1,
};

test("a month has 518,400 ticks of five seconds, and each is a request and a row", () => {
  const usage = usageOf(QUIET);

  expect(usage.rowsWritten).toBe(518_400);
  expect(usage.objectRequests).toBeCloseTo(518_400 + 8_640 + 43_200);
  expect(usage.gigabyteSeconds).toBeCloseTo(518_400 * 0.4 * 0.128);
});

test("one quiet fleet costs the plan, and not a cent more", () => {
  expect(billOf(usageOf(QUIET), 1)).toEqual({ usd: 5, usdByStartedMillions: 5 });
});

test("fleets share what the plan includes", () => {
  const usage = usageOf({ ...QUIET, seconds: 5 });

  // 331,776 GB-s each: one stays below the 400,000 that are included, two do not.
  expect(billOf(usage, 1).usd).toBe(5);
  const two = 5 + ((2 * 331_776 - 400_000) * 12.5 + (2 * 570_240 - 1e6) * 0.15) / 1e6;
  expect(billOf(usage, 2).usd).toBeCloseTo(two);
  expect(billOf(usage, 2).usdByStartedMillions).toBeCloseTo(5 + 12.5 + 0.15);
});

test("shards are requests, and their time is billed", () => {
  const quiet = usageOf(QUIET);
  const sharded = usageOf({ ...QUIET, shards: 4, shardSeconds: 2 });

  expect(sharded.objectRequests - quiet.objectRequests).toBe(4 * 518_400);
  expect(sharded.gigabyteSeconds - quiet.gigabyteSeconds).toBeCloseTo(518_400 * 2 * 0.128);
});
