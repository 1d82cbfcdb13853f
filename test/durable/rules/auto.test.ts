import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { autoTarget, beginAuto, learn, reachOf, skip } from "../../../durable/rules/auto.ts";
import { play, type Session, steady } from "./auto-fleet.ts";

const DAY = 86_400;
const STUDY = join(import.meta.dirname, "../../../../shared/auto");
const TAXI = { file: "taxi-sessions.csv", from: 2_419_200, until: 7_257_600 };
const ELB = { file: "elb-sessions.csv", from: 345_600, until: 1_209_600 };
const QUIET = { starts: 0, refused: 0, isHeld: false };

test("steady demand is refused no more often than was allowed, and costs little above its sessions", () => {
  const sessions = steady(20, 28 * DAY, 3);

  const played = play(sessions, { share: 0.01, from: 7 * DAY, until: 28 * DAY, seed: 5 });

  expect(played.refused / played.starts).toBeLessThanOrEqual(0.011);
  expect(played.refused).toBeGreaterThan(0);
  expect(played.hours / played.busyHours).toBeLessThan(1.6);
});

test("a smaller share keeps more spares", () => {
  const sessions = steady(20, 14 * DAY, 3);
  const when = { from: 7 * DAY, until: 14 * DAY, seed: 5 };

  const one = play(sessions, { share: 0.01, ...when });
  const tenth = play(sessions, { share: 0.001, ...when });

  expect(tenth.hours).toBeGreaterThan(one.hours);
  expect(tenth.refused).toBeLessThan(one.refused);
});

const OUTAGE = [10 * DAY, 10.5 * DAY] as const;
const AFTER = { share: 0.01, from: 11 * DAY, until: 18 * DAY, seed: 5 };

test("twelve hours without launches change the hours of the next week by less than 2 %", () => {
  const sessions = steady(20, 18 * DAY, 3);
  const without = play(sessions, AFTER);

  const after = play(sessions, { ...AFTER, outage: OUTAGE });

  expect(Math.abs(after.hours / without.hours - 1)).toBeLessThan(0.02);
});

test("refusals of an outage that the rule takes for its own fault make the fleet larger", () => {
  const sessions = steady(20, 18 * DAY, 3);

  const wound = play(sessions, { ...AFTER, outage: OUTAGE, isTold: false });

  expect(wound.hours / play(sessions, AFTER).hours).toBeGreaterThan(1.1);
});

test("ten times the demand raises the spares, and they fall again without a swing", () => {
  const calm = steady(20, 10 * DAY, 3);
  const crowd = steady(200, 600, 4).map(({ start, seconds }) => ({
    start: start + 8 * DAY,
    seconds,
  }));
  const both = [...calm, ...crowd].toSorted((one, other) => one.start - other.start);
  const when = { share: 0.01, from: 8 * DAY - 1800, until: 9 * DAY, seed: 5 };

  const { spares } = play(both, when);

  const before = spares[0] ?? 0;
  expect(Math.max(...spares.slice(60, 90))).toBeGreaterThan(2 * before);
  expect(Math.max(...spares.slice(-240))).toBeLessThan(2 * before + 2);
});

test("a refusal divides p, and a start without one raises it by what the share allows", () => {
  const begun = skip(beginAuto(0.01), 0);

  const refused = learn(begun, 0.01, 30_000, { starts: 1, refused: 1, isHeld: false });
  const served = learn(begun, 0.01, 30_000, { starts: 1, refused: 0, isHeld: false });

  expect(refused.level).toBeCloseTo(begun.level + 0.4 * (0.009 - 1), 12);
  expect(served.level).toBeCloseTo(begun.level + 0.4 * 0.009, 12);
});

test("a refusal that the fleet could not prevent leaves p as a served start does", () => {
  const begun = skip(beginAuto(0.01), 0);

  const held = learn(begun, 0.01, 30_000, { starts: 1, refused: 1, isHeld: true });

  expect(held.level).toBe(learn(begun, 0.01, 30_000, { ...QUIET, starts: 1 }).level);
  expect(held.recent).toBe(1);
});

test("a hole teaches nothing and only moves the clock", () => {
  const known = learn(skip(beginAuto(0.01), 0), 0.01, 30_000, { ...QUIET, starts: 2 });

  expect(skip(known, 90_000)).toEqual({ ...known, at: 90_000 });
});

test("a clock that steps back teaches nothing, and the rule goes on from where it is", () => {
  const known = learn(skip(beginAuto(0.01), 0), 0.01, 30_000, { ...QUIET, starts: 2 });

  const back = learn(known, 0.01, 10_000, { ...QUIET, starts: 9 });

  expect(back).toEqual({ ...known, at: 10_000 });
  expect(learn(back, 0.01, 40_000, { ...QUIET, starts: 1 }).recent).toBeGreaterThan(known.recent);
});

test("p stays within its bounds however many refusals or starts come", () => {
  let refused = skip(beginAuto(0.01), 0);
  let served = refused;
  for (let at = 30_000; at <= 3_000_000; at += 30_000) {
    refused = learn(refused, 0.01, at, { starts: 50, refused: 50, isHeld: false });
    served = learn(served, 0.01, at, { starts: 50_000, refused: 0, isHeld: false });
  }

  expect(refused.level).toBe(Math.log(6e-10));
  expect(served.level).toBe(Math.log(0.5));
});

test("the chance that it reports is the chance of its negative binomial", () => {
  const auto = { ...skip(beginAuto(0.01), 0), recent: 20, burst: 4, level: Math.log(0.01) };

  const { spares, expected, risk } = autoTarget(auto, 0, 90_000);

  const shape = 3 + 0.1 * 20;
  const q = expected / (expected + shape);
  let term = (1 - q) ** shape;
  let above = 1 - term;
  for (let n = 1; n <= spares; n++) above -= term *= ((n - 1 + shape) / n) * q;
  expect(risk).toBeCloseTo(above, 10);
  expect(risk).toBeLessThanOrEqual(0.01);
  expect(above + term).toBeGreaterThan(0.01);
});

test("slow boots need more spares than fast ones", () => {
  const busy = { ...skip(beginAuto(0.01), 0), recent: 40, expected: 20 };

  const fast = autoTarget(busy, 0, reachOf(180_000)).spares;

  expect(autoTarget(busy, 0, reachOf(540_000)).spares).toBeGreaterThan(fast);
});

test("what it knows of a large demand takes less than 8 kB, and a decision on it ends", () => {
  const when = { share: 0.001, from: DAY / 4, until: DAY / 2, seed: 5 };
  const { auto } = play(steady(2000, DAY / 2, 3), when);

  expect(JSON.stringify(auto).length).toBeLessThan(8_000);
  expect(autoTarget(auto, (DAY / 2) * 1000, 270_000).spares).toBeLessThan(2_000);
});

/** Boots are drawn anew, so that hours differ by some parts of a hundred from the study's. */
test.skipIf(!existsSync(STUDY)).each([
  { ...TAXI, share: 0.01, hours: 18_319, busy: 13_335 },
  { ...TAXI, share: 0.001, hours: 20_172, busy: 13_335 },
  { ...ELB, share: 0.01, hours: 2628 + 0.92 * (3819 - 2628), busy: 2502 },
  { ...ELB, share: 0.001, hours: 2628 + 0.88 * (4384 - 2628), busy: 2502 },
])(
  "$file of the study at $share takes its hours within 2 % and keeps the share (skipped if the study is not beside the project)",
  ({ file, share, from, until, hours, busy }) => {
    const sessions = sessionsOf(file);

    const played = play(sessions, { share, from, until, seed: 1 });

    expect(played.hours / hours).toBeLessThan(1.02);
    expect(Math.abs(played.busyHours / busy - 1)).toBeLessThan(0.015);
    expect(played.refused / played.starts).toBeLessThanOrEqual(1.1 * share);
  },
);

function sessionsOf(file: string): Session[] {
  const [, ...lines] = readFileSync(join(STUDY, file), "utf8").trim().split("\n");
  return lines.map((line) => {
    const [start = 0, seconds = 0] = line.split(",").map(Number);
    return { start, seconds };
  });
}
