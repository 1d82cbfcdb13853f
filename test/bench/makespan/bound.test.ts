import { expect, test } from "vitest";
import { FIRST_ANSWER_MS } from "../virtual/times.ts";
import { type Kind, TokenBucket } from "../virtual/buckets.ts";
import { boundSeconds } from "./bound.ts";

const bound = (servers: number, burst: number, perSecond: number, kind: Kind = "shared"): number =>
  boundSeconds({ servers, bucket: { burst, perSecond }, kind });

test("the bound has the values of the issue's table", () => {
  expect(bound(100, 5, 0.5)).toBeCloseTo(237);
  expect(bound(500, 10, 2)).toBeCloseTo(292);
  expect(bound(500, 20, 5)).toBeCloseTo(143);
  expect(bound(500, 100, 20)).toBeCloseTo(67);
  expect([bound(100, 10, 2), bound(100, 20, 5), bound(100, 100, 20)]).toEqual([92, 63, 57]);
  expect([bound(20, 10, 2), bound(20, 20, 5), bound(20, 5, 0.5)]).toEqual([57, 57, 77]);
});

test("one server takes the time of its boot, whatever the bucket", () => {
  expect(bound(1, 5, 0.5)).toBe(FIRST_ANSWER_MS / 1_000);
  expect(bound(1, 100, 20, "separate")).toBe(FIRST_ANSWER_MS / 1_000);
});

test("creates that share the bucket with the ports put them off where one call holds few names", () => {
  const cell = { servers: 1_000, bucket: { burst: 5, perSecond: 0.5 }, kind: "shared" } as const;

  expect(boundSeconds(cell)).toBeCloseTo(47 + 995 / 0.5);
  // 50 creates and 1,000 ports, of which the first 5 find the bucket full; it is never full again.
  expect(boundSeconds({ ...cell, namesPerCreate: 20 })).toBeCloseTo((1_050 - 5) / 0.5);
});

test("creates with a bucket of their own do not put the ports off", () => {
  const cell = { servers: 100, bucket: { burst: 5, perSecond: 0.5 }, kind: "separate" } as const;

  expect(boundSeconds({ ...cell, namesPerCreate: 20 })).toBeCloseTo(47 + 95 / 0.5);
});

test("a bucket fills at its rate, and no further than its capacity", () => {
  const bucket = new TokenBucket({ burst: 2, perSecond: 0.5 }, false, 0);

  expect([bucket.admit(0), bucket.admit(0), bucket.admit(0)]).toEqual([true, true, false]);
  expect(bucket.holdsOneAt(500)).toBe(2_000);
  expect([bucket.admit(1_999), bucket.admit(2_000)]).toEqual([false, true]);
  expect(bucket.fill(100_000)).toBe(1);
});

test("a costly refusal takes a token, down to one bucket below empty", () => {
  const bucket = new TokenBucket({ burst: 1, perSecond: 1 }, true, 0);

  const admitted = [0, 0, 0, 0].map((now) => bucket.admit(now));

  expect(admitted).toEqual([true, false, false, false]);
  expect(bucket.holdsOneAt(0)).toBe(2_000);
});
