import { URL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Done, type Job, Pool, runAll } from "./pool.ts";
import { ORDINARY_SITE } from "./scenario.ts";

/** A thread that answers with the seed as its hash; seed 13 kills it, and seed 14 is never answered. */
const THREAD = `
import { parentPort } from "node:worker_threads";
parentPort.on("message", ({ scenario: { seed } }) => {
  if (seed === 13) process.exit(3);
  const result = { seed, hash: String(seed), simulatedMs: 1, violations: [], faults: {}, transitions: {},
    points: {}, pointLabels: [], trace: [] };
  if (seed !== 14) setTimeout(() => parentPort.postMessage({ result, wallMs: 1 }), seed % 3);
});`;

function poolOf(size: number, thread = THREAD): Pool {
  const pool = new Pool(size, new URL(`data:text/javascript,${encodeURIComponent(thread)}`));
  onTestFinished(async () => await pool.close());
  return pool;
}

function job(seed: number): Job {
  const scenario = {
    seed,
    startsAt: 0,
    hours: 1,
    spec: {},
    sessionsPerHour: 1,
    meanLengthMs: 1,
    promise: "server",
    bootMs: 1,
    softwareBootMs: 1,
    site: ORDINARY_SITE,
    signed: true,
    incidents: [],
  } as const;
  return { id: seed, scenario, options: {}, twice: false };
}

describe("the pool", () => {
  test("gives every job to one of its threads, and its result to the one that asked", async () => {
    const pool = poolOf(2);

    const done = await Promise.all([1, 2, 3, 4, 5].map(async (seed) => await pool.run(job(seed))));

    expect(done.map((each) => each?.result.hash)).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("counts a thread that died as a crash of its run, and goes on with another", async () => {
    const pool = poolOf(1);

    const [lost, next] = await Promise.all([pool.run(job(13)), pool.run(job(1))]);

    expect(lost?.result.violations).toEqual([
      { invariant: "crash", at: 0, detail: "the thread ended by itself, with code 3" },
    ]);
    expect(next?.result.hash).toBe("1");
  });

  test("says what kept a thread from starting", async () => {
    const done = await poolOf(1, "throw new Error('no such module')").run(job(1));

    expect(done?.result.violations[0]?.detail).toContain("no such module");
  });

  test("leaves no one waiting when it is closed", async () => {
    const pool = poolOf(1);
    const runs = [pool.run(job(14)), pool.run(job(1))];

    await pool.close();

    expect(await Promise.all([...runs, pool.run(job(2))])).toEqual([null, null, null]);
  });
});

describe("running many jobs", () => {
  function* endless(given: number[]): Generator<Job> {
    for (let seed = 1; ; seed += 1) {
      given.push(seed);
      yield job(seed);
    }
  }

  test("ends with the last of them", async () => {
    const seen: number[] = [];

    await runAll(
      [1, 2, 3, 4].map(job),
      poolOf(2),
      ({ job: { id } }) => seen.push(id),
      () => false,
    );

    expect(new Set(seen)).toEqual(new Set([1, 2, 3, 4]));
  });

  test("begins no new one once there is enough, and still reports those that were on their way", async () => {
    const given: number[] = [];
    const seen: Done[] = [];

    await runAll(
      endless(given),
      poolOf(2),
      (done) => seen.push(done),
      () => seen.length >= 3,
    );

    expect(new Set(seen.map(({ job }) => job.id))).toEqual(new Set(given));
    expect(given.length).toBeLessThanOrEqual(4);
  });
});
