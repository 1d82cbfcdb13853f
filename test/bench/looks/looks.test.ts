import { beforeAll, expect, test } from "vitest";
import { installCrypto } from "../../sim/runtime/crypto.ts";
import { installScheduler } from "../../sim/runtime/scheduler.ts";
import { runLooks } from "./fleet.ts";
import { readLooksOptions } from "./options.ts";
import { readPerSecond } from "./reads.ts";

beforeAll(() => {
  installCrypto();
  installScheduler();
});

test("six sockets read as many servers as fit into a look, and not one more", async () => {
  const fit = (6 * 4_000) / 200 / 5;

  const read = await readPerSecond(100, 0);

  expect(read).toBeLessThanOrEqual(fit);
  expect(read).toBeGreaterThan(0.9 * fit);
});

test("a shard reads about as many more", async () => {
  const alone = await readPerSecond(100, 0);
  const together = await readPerSecond(100, 1);

  expect(together).toBeGreaterThan(1.8 * alone);
  expect(together).toBeLessThanOrEqual(2 * alone + 1);
});

test("every server of a small fleet is read in each tick, and nothing is created or deleted", async () => {
  const looks = await runLooks({ servers: 10, roundTripMs: 50, dropping: 0, minutes: 1 });

  expect(looks).toMatchObject({
    readPerSecond: 2,
    neverRead: 0,
    created: 0,
    deleted: 0,
    ticks: 12,
  });
  expect(looks.unreadSeconds).toBeLessThanOrEqual(10);
});

test("the command line names one plan, or all of them", () => {
  const one = ["--servers", "300", "--round-trip", "100", "--dropping", "0.1", "--minutes", "2"];

  expect(readLooksOptions(one).plans).toEqual([
    { servers: 300, roundTripMs: 100, dropping: 0.1, minutes: 2 },
  ]);
  expect(readLooksOptions([]).plans).toHaveLength(3 * 5 * 2);
});
