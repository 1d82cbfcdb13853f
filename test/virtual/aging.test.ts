/**
 * More than a year in the life of one object: months, a year's turn and changes of the clock pass, and it never
 * dies. What it keeps has the age that it may have; what it counts is right in each month; and a cold start would
 * change nothing.
 */
import { expect, test } from "vitest";
import { costOfMonth } from "../../durable/cost.ts";
import { oldestBulletins } from "../../durable/ledger/outbox.ts";
import { act } from "../../durable/operate-instance.ts";
import { lease } from "../../durable/operate-lease.ts";
import { book } from "../../durable/operate-target.ts";
import { pause } from "../../durable/operate.ts";
import { Post } from "../../durable/post.ts";
import { BUCKETS } from "../../durable/rules/budget.ts";
import type { Bulletin } from "../../durable/rules/bulletins.ts";
import { spendOf } from "../../durable/rules/spend.ts";
import type { State } from "../../durable/rules/state.ts";
import { atLocal, DAY_MS, HOUR_MS, Remembered, useUpTicks } from "./aging.ts";
import { START, startFleet, type VirtualFleet } from "./fleet.ts";
import { differencesToTables } from "./reload.ts";

const ZONE = "Europe/Berlin";
const TICK_MS = 15_000;
const LIFE_DAYS = 400;
/** Days from one look at the fleet to the next, in turn: some less than what is kept shortest, some more. */
const STEPS = [1, 6, 2, 8, 7, 3, 9, 9] as const;
const TICKS_MORNING = 6;
const TICKS_NOON = 18;
const TICKS_EVENING = 11;
/** A server that AWS lost is believed to be gone after a quarter of an hour. */
const TICKS_LOST = 60;
const VANISHES_EVERY = 9;
const USD_PER_MONTH = 24;
const PRICED_HOURS = 744;
/** A server ends at AWS up to this long before it is known to have. */
const END_SEEN_MS = 3 * 60_000;
const ASKED = { actor: "olga" };
/** The first is over after a month, the second comes more than a year later. */
const SPECIAL_DAYS = ["2026", "2027"].map((year) => ({
  name: `holidays ${year}`,
  from: `${year}-12-20T00:00`,
  until: `${year}-12-31T00:00`,
  timezone: ZONE,
  spares: "2",
}));
const SPEC = {
  timezone: ZONE,
  spares: {
    default: "7",
    schedule: [
      { name: "morning", cron: "0 9 * * *", timezone: ZONE, spares: "3" },
      { name: "evening", cron: "0 18 * * *", timezone: ZONE, spares: "1" },
    ],
    specialDays: SPECIAL_DAYS,
  },
  retire: { billing: "none", idleForSeconds: 10, drainSeconds: 5 },
  limits: { maxInstances: 100, maxMonthlyUsd: 200 },
  timeouts: { startSeconds: 60, readySeconds: 90 },
};

function given(fleet: VirtualFleet) {
  let words = 0;
  return { now: fleet.now(), word: () => `w${fleet.now()}${words++}` };
}

function stateOf(fleet: VirtualFleet): State {
  const live = fleet.engine().read(fleet.now());
  if (live === null) throw new Error("the fleet is gone");
  return live.state;
}

function sleepUntil(fleet: VirtualFleet, at: number): void {
  if (at < fleet.now()) throw new Error("that is over");
  fleet.sleep(at - fleet.now());
}

/** US dollars of a calendar month in UTC, by what AWS has run. */
function billed(fleet: VirtualFleet, year: number, month: number): number {
  const [from, until] = [Date.UTC(year, month), Math.min(fleet.now(), Date.UTC(year, month + 1))];
  return fleet.cloud.everCreated().reduce((sum, { createdAt, endedAt }) => {
    const ms = Math.max(0, Math.min(endedAt ?? until, until) - Math.max(createdAt, from));
    return sum + Math.min(USD_PER_MONTH, (ms / HOUR_MS) * (USD_PER_MONTH / PRICED_HOURS));
  }, 0);
}

/** A visit's people: each asks for something that ends by itself. */
function ask(fleet: VirtualFleet, visit: number): void {
  const engine = fleet.engine();
  const wish = { count: 1, partial: true, key: `${visit}`, ttlSeconds: 60, zone: null };
  lease(engine, wish, ASKED, given(fleet));
  const booking = { expression: "4", fromMs: null, untilMs: null, expiresInSeconds: 120 };
  if (visit % 3 === 0) book(engine, { ...booking, reason: "a match" }, ASKED, given(fleet));
  const until = fleet.now() + 30_000;
  if (visit % 4 === 0)
    pause(engine, { what: ["retire"], reason: "a look", until }, ASKED, given(fleet));
  if (visit % 5 === 0)
    act(engine, `by-hand-${visit}`, { kind: "adopt", reason: "it is ours" }, ASKED, given(fleet));
  if (visit % VANISHES_EVERY === 0)
    fleet.cloud.setNextBoots([{ kind: "vanishes", afterMs: 20_000 }]);
}

/** People ask, and all that they asked for is over before the fleet is left alone. */
async function noon(
  fleet: VirtualFleet,
  visit: number,
  run: (ticks: number) => Promise<void>,
): Promise<void> {
  ask(fleet, visit);
  await run(TICKS_NOON + (visit % VANISHES_EVERY === 0 ? TICKS_LOST : 0));
}

/** Slack takes what waits, all but each fourth time. */
function aMailbox(fleet: VirtualFleet) {
  const read: Bulletin[] = [];
  let isDown = false;
  const post = new Post({
    sql: fleet.sql,
    send: async (bulletins) => {
      if (isDown) return { kind: "later", afterMs: 0, detail: "Slack is down" };
      read.push(...bulletins);
      return { kind: "sent" };
    },
    now: fleet.now,
    wait: async (ms) => fleet.sleep(ms),
  });
  return {
    read,
    deliver: async (down: boolean) => {
      isDown = down;
      await post.deliver();
    },
  };
}

/** What must hold of the rows that say what is now, however old the fleet is. */
function present(fleet: VirtualFleet): void {
  const { sql } = fleet;
  const count = (statement: string): number => Number(sql.rows(statement)[0]?.["n"]);
  const now = fleet.now();
  const state = stateOf(fleet);
  expect(count(`SELECT count(*) AS n FROM leases WHERE expiresAt < ${now - 10 * 60_000}`)).toBe(0);
  expect(count(`SELECT count(*) AS n FROM adoptions WHERE since < ${now - HOUR_MS}`)).toBe(0);
  expect(count("SELECT count(*) AS n FROM overrides")).toBeLessThanOrEqual(1);
  expect(count("SELECT count(*) AS n FROM pauses")).toBeLessThanOrEqual(1);
  expect(count("SELECT count(*) AS n FROM holds")).toBeLessThanOrEqual(2);
  expect(count("SELECT count(*) AS n FROM alerts")).toBeLessThanOrEqual(2);
  expect(count("SELECT count(*) AS n FROM buckets")).toBeLessThanOrEqual(BUCKETS.length);
  for (const table of ["fleet", "ruling", "lessons"])
    expect(count(`SELECT count(*) AS n FROM ${table}`)).toBeLessThanOrEqual(1);
  expect(count("SELECT count(*) AS n FROM instances WHERE phase <> 'gone'")).toBe(
    state.instances.size,
  );

  const { memory } = state;
  const names = [
    ...memory.freshness.keys(),
    ...memory.driftSince.keys(),
    ...memory.pendingAt.keys(),
  ];
  expect(names.filter((name) => !state.instances.has(name))).toEqual([]);
  expect([...memory.absentSince.keys(), ...memory.unlisted]).toEqual([]);
  expect(state.leads.length).toBeLessThanOrEqual(50);
  for (const times of [state.launchTimes, state.deleteTimes])
    expect(times.filter((at) => at <= now - HOUR_MS - TICK_MS)).toEqual([]);
}

/** The money of this month and of those that are known whole. */
function money(fleet: VirtualFleet): void {
  const now = fleet.now();
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const state = stateOf(fleet);
  const servers = fleet.cloud.everCreated().length;
  const rounding = 0.01 + servers * (END_SEEN_MS / HOUR_MS) * (USD_PER_MONTH / PRICED_HOURS);

  expect(state.month).toEqual({
    startsAt: Date.UTC(year, month),
    endsAt: Date.UTC(year, month + 1),
  });
  const apart = Math.abs(spendOf(state).spent - billed(fleet, year, month));
  expect(apart, `of ${date.toISOString()}`).toBeLessThan(rounding);
  for (const before of [0, 1, 2]) {
    const at = Date.UTC(year, month - before, 2);
    if (at < START || Date.UTC(year, month - before) < now - 90 * DAY_MS) continue;
    const cost = costOfMonth(fleet.engine(), at, null, now);
    if (cost === null || "refused" in cost) throw new Error("the month is known");
    const usd = billed(fleet, year, month - before);
    expect(Math.abs((cost.usd ?? Number.NaN) - usd), cost.month).toBeLessThan(rounding);
  }
}

test("an object that lives for more than a year keeps what it should, forgets the rest, and counts right", async () => {
  const fleet = startFleet({ spec: SPEC, tickMs: TICK_MS });
  const remembered = new Remembered(fleet);
  const mailbox = aMailbox(fleet);
  const months = new Set<string>();
  let [day, ticks] = [0, 0];

  const isSpecial = (date: string): boolean =>
    SPECIAL_DAYS.some(({ from, until }) => from.slice(0, 10) <= date && date < until.slice(0, 10));
  const run = async (count: number): Promise<void> => {
    await fleet.run(count);
    ticks += count;
  };
  for (let visit = 0; day < LIFE_DAYS; visit++) {
    day += STEPS[visit % STEPS.length] ?? 1;
    const date = new Date(START + day * DAY_MS).toISOString().slice(0, 10);
    months.add(date.slice(0, 7));

    sleepUntil(fleet, atLocal(ZONE, date, "09:00:00") - 2 * TICK_MS);
    useUpTicks(fleet);
    remembered.look();
    await run(1);
    remembered.forget(fleet.now());
    remembered.look();
    expect(remembered.differences(), `on ${date}`).toEqual([]);
    expect(stateOf(fleet).ruling?.boundary?.value ?? "7").toBe(isSpecial(date) ? "2" : "1");
    await run(TICKS_MORNING);
    expect(fleet.status().target.expression).toBe(isSpecial(date) ? "2" : "3");
    if (visit % 2 === 0) await noon(fleet, visit / 2, run);

    sleepUntil(fleet, atLocal(ZONE, date, "18:00:00") - TICK_MS);
    await run(TICKS_EVENING);
    expect(fleet.status()).toMatchObject({
      converged: true,
      target: { expression: isSpecial(date) ? "2" : "1" },
    });

    await mailbox.deliver(visit % 4 === 1);
    present(fleet);
    money(fleet);
    expect(differencesToTables(fleet.engine(), fleet.now())).toEqual([]);
    expect(stateOf(fleet).tick).toBe(ticks);
  }

  await mailbox.deliver(false);
  expect(oldestBulletins(fleet.sql, 1)).toEqual([]);
  const names = fleet.cloud.everCreated().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(months.size).toBeGreaterThan(13);
  expect(mailbox.read.length).toBeGreaterThan(0);
});
