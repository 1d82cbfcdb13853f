/** The short form of `npm run fuzz`: the Worker as `npm start` runs it, in a process of its own. */
import { afterEach, expect, test } from "vitest";
import type { Stack } from "../stack/stack.ts";
import type { Actor } from "./actors.ts";
import { fuzz } from "./run.ts";
import { startTarget } from "./worker.ts";

const SEED = 20_261_125;
const REQUESTS = 600;

let stack: (Stack & { readonly actors: readonly Actor[] }) | null = null;

afterEach(async () => {
  await stack?.close();
  stack = null;
});

test("no request out of the description is answered with what it does not allow", async () => {
  const problems: string[] = [];
  const { signal } = new AbortController();
  stack = await startTarget(signal, (sentence) => problems.push(sentence));

  const { url, token, actors } = stack;
  const report = await fuzz({ url, token }, { seed: SEED, from: 0, requests: REQUESTS, signal });

  expect(report.findings).toEqual([]);
  expect(report.requests).toBe(REQUESTS);
  expect(report.statuses["200"]).toBeGreaterThan(REQUESTS / 10);
  expect(report.statuses["400"]).toBeGreaterThan(REQUESTS / 10);
  const reached = Object.values(report.reached).filter((times) => times > 0);
  expect(reached.length).toBeGreaterThan(Object.keys(report.reached).length / 2);

  // In the same Worker, which takes long to start: nobody gets what is another's.
  const roles = await fuzz(
    { url, token, actors },
    { seed: SEED, from: REQUESTS, requests: REQUESTS, signal },
  );

  expect(roles.findings).toEqual([]);
  expect(roles.statuses["200"]).toBeGreaterThan(REQUESTS / 20);
  expect(roles.statuses["403"]).toBeGreaterThan(REQUESTS / 5);
});
