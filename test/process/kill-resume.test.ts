/**
 * The Worker is killed, process group and all, while it makes servers; started again on the same
 * storage it goes on where it was: no name twice, nothing forgotten, nothing half made.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { createRandom } from "../aws/demand/random.ts";
import { dayRate } from "../aws/demand/rate.ts";
import { freePort } from "../stack/ports.ts";
import { FLEET, PORTS, TAGS } from "../stack/spec.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { isAlive } from "../stack/wrangler.ts";

const SEED = 20_261_123;
const SPEED = 10;
const TARGET = 6;
const SESSIONS_PER_HOUR = 10;
/** The third kill comes at most so long after its start: servers are still without ports then. */
const KILL_WITHIN_MS = 2_000;
/** The answer to a create is held back for so long that the kill comes before it. */
const ANSWER_HELD_MS = 5_000;
const CALL_WITHIN_MS = 20_000;
const CONVERGED_WITHIN_MS = 75_000;
const POLL_MS = 50;

/** Phases in which a server costs money, by what the ledger knows. */
const BILLED = ["starting", "configuring", "warming", "ready", "draining"];

let stack: Stack | null = null;

afterEach(async () => {
  await stack?.close();
  stack = null;
});

test("a Worker that is killed while it launches goes on, and makes every server exactly once", async () => {
  const random = createRandom(SEED, "kills");
  stack = await startThrottled();

  await called(stack, "CreateInstances");
  await killAndStartAgain(stack);
  const afterCreate = stack.cloud.everCreated().length;
  await called(stack, "PutInstancePublicPorts");
  await killAndStartAgain(stack);
  await wait(random() * KILL_WITHIN_MS);
  const whole = configured(stack).length;
  await killAndStartAgain(stack);
  await converged(stack);

  expect(afterCreate, "the first kill comes after the create's effect").toBeGreaterThan(0);
  expect(whole, "the last kill comes before all is done").toBeLessThan(TARGET);
  const names = stack.cloud.everCreated().map(({ name }) => name);
  expect(new Set(names).size, "no name is used twice").toBe(names.length);
  await expect.poll(async () => await strays(stack), { timeout: 10_000 }).toEqual([]);
  const ready = await readyNames(stack);
  expect(ready.length).toBeGreaterThanOrEqual(TARGET);
  for (const name of ready) {
    expect(portsOf(stack, name), `ports of ${name}`).toEqual(wantedPorts());
    expect(tagsOf(stack, name), `tags of ${name}`).toMatchObject({
      ...TAGS,
      "lightfleet:owner": `start/${FLEET}`,
    });
    expect(tagsOf(stack, name)["lightfleet:spec"]).toMatch(/./);
  }
  expect(stack.demand.kills(), "no session is lost").toEqual([]);
});

async function startThrottled(): Promise<Stack> {
  return await startStack({
    speed: SPEED,
    target: TARGET,
    capacity: 1,
    awsPort: 0,
    port: await freePort(),
    seed: SEED,
    rateFrom: () => dayRate({ sessionsPerHour: SESSIONS_PER_HOUR, seed: SEED }),
    // By the model's clock: three port calls a second of ours, so that the kills fall between servers.
    throttle: {
      lanes: {
        create: { capacity: 5, refillPerSecond: 0.05, refusedCost: 1 },
        ports: { capacity: 2, refillPerSecond: 0.3, refusedCost: 0 },
      },
    },
    prepare: ({ faults, cloud }) => {
      const effect = { kind: "delay", when: "after", ms: ANSWER_HELD_MS } as const;
      faults.add({ op: "CreateInstances", effect }, cloud.now());
    },
    signal: new AbortController().signal,
    // The dispatcher cannot ask a Worker that is being killed; what counts is asserted at the end.
    onProblem: () => undefined,
  });
}

async function called({ wire }: Stack, op: string): Promise<void> {
  await expect
    .poll(() => wire.calls.list({ op }).some((call) => call.hadEffect || call.outcome === null), {
      timeout: CALL_WITHIN_MS,
      interval: POLL_MS,
      message: `${op} is called`,
    })
    .toBe(true);
}

async function killAndStartAgain({ worker, startAgain }: Stack): Promise<void> {
  const { pid } = worker();
  await worker().kill();
  expect(isAlive(pid), "the whole group is gone").toBe(false);
  await startAgain();
}

async function converged({ client }: Stack): Promise<void> {
  const state = async () => {
    const { spares, counts, converged: isConverged } = await client.status(FLEET);
    return { hasTarget: spares >= TARGET, isConverged, launching: counts.launching };
  };
  await expect
    .poll(state, { timeout: CONVERGED_WITHIN_MS, interval: 5 * POLL_MS })
    .toEqual({ hasTarget: true, isConverged: true, launching: 0 });
}

/** Names that cost money and have no row, or have a row and are not there. */
async function strays(running: Stack | null): Promise<string[]> {
  if (running === null) throw new Error("the stack has not started");
  const rows = await running.client.instances(FLEET);
  const inLedger = new Set(
    rows.filter(({ phase }) => BILLED.includes(phase)).map(({ name }) => name),
  );
  const billed = running.cloud.everCreated().filter(({ endedAt }) => endedAt === null);
  const inCloud = new Set(billed.map(({ name }) => name));
  return [
    ...[...inCloud].filter((name) => !inLedger.has(name)),
    ...[...inLedger].filter((name) => !inCloud.has(name)),
  ];
}

async function readyNames({ client }: Stack): Promise<string[]> {
  const rows = await client.instances(FLEET);
  return rows.filter(({ phase }) => phase === "ready").map(({ name }) => name);
}

function configured(running: Stack): string[] {
  const names = running.cloud.everCreated().map(({ name }) => name);
  return names.filter((name) => portsOf(running, name).join() === wantedPorts().join());
}

function portsOf({ cloud }: Stack, name: string): string[] {
  const rules = cloud.instance(name)?.firewall ?? [];
  return rules.map((rule) => `${rule.protocol} ${rule.fromPort}-${rule.toPort}`).sort();
}

function wantedPorts(): string[] {
  return PORTS.map(({ protocol, from, to }) => `${protocol} ${from}-${to}`).sort();
}

function tagsOf({ cloud }: Stack, name: string): Record<string, string | undefined> {
  const tags = cloud.instance(name)?.tags ?? [];
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
