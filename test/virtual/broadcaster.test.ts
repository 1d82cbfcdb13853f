/**
 * The case for which all this was begun: weekday mornings up, nights and weekends down, in Seoul, by a tag
 * on an EC2 resource that people see and change in the console.
 */
import { expect, test } from "vitest";
import { book } from "../../durable/operate-target.ts";
import { consoleOver, type Console } from "./console.ts";
import { specOf, startFleet, type VirtualFleet } from "./fleet.ts";

const REGION = "ap-northeast-2";
const TAG = { resource: "key-0abc1234", key: "여유_서버_목표치" };
const MINUTE_MS = 60_000;
const TICK_MS = 30_000;
const TICKS_PER_MINUTE = MINUTE_MS / TICK_MS;
const MINUTES_PER_DAY = 1_440;
const LOOK_EVERY_MINUTES = 30;
const SCHEDULE = [
  { name: "weekday morning", cron: "0 9 * * 1-5", timezone: "Asia/Seoul", spares: "8" },
  { name: "night", cron: "0 23 * * *", timezone: "Asia/Seoul", spares: "2" },
];

/** Two ticks in each minute; the week begins on Sunday, the 22nd of November 2026, at nine in Seoul. */
function broadcaster(): { fleet: VirtualFleet; console: Console } {
  const fleet = startFleet({
    tickMs: TICK_MS,
    spec: {
      timezone: "Asia/Seoul",
      spares: { default: "1", tag: TAG, schedule: SCHEDULE },
      health: { kind: "http", port: 8080, path: "/health", intervalSeconds: 30 },
    },
  });
  return { fleet, console: consoleOver(fleet.wire, REGION, fleet.now) };
}

/** `Mon 09:00`, as a clock on a wall in Seoul shows it. */
function inSeoul(at: number): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Asia/Seoul",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(at);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("weekday")} ${part("hour")}:${part("minute")}`;
}

test("a week of a Korean broadcaster: 여유_서버_목표치 goes up on weekday mornings, down at night, and a person's change holds until the next boundary", async () => {
  const { fleet, console } = broadcaster();
  await console.write(TAG, "3");
  const told: string[] = [];
  const ready = new Map<string, number>();
  let shown = "3";

  for (let minute = 0; minute < 7 * MINUTES_PER_DAY; minute += LOOK_EVERY_MINUTES) {
    await fleet.run(LOOK_EVERY_MINUTES * TICKS_PER_MINUTE);
    const clock = inSeoul(fleet.now());
    if (clock === "Wed 14:00") await console.write(TAG, "12");
    const value = await console.read(TAG);
    if (value !== shown) told.push(`${clock} ${value}`);
    shown = value ?? "";
    ready.set(clock, fleet.status().spares);
  }

  expect(told).toEqual([
    // Sunday night is the first boundary: until then a person's 3 ruled.
    "Sun 23:00 2",
    "Mon 09:00 8",
    "Mon 23:00 2",
    "Tue 09:00 8",
    "Tue 23:00 2",
    "Wed 09:00 8",
    "Wed 14:00 12",
    "Wed 23:00 2",
    "Thu 09:00 8",
    "Thu 23:00 2",
    "Fri 09:00 8",
    "Fri 23:00 2",
  ]);
  for (const day of ["Mon", "Tue", "Wed", "Thu", "Fri"])
    expect([day, ready.get(`${day} 09:00`)]).toEqual([day, 8]);
  expect(ready.get("Wed 14:30")).toBe(12);
  expect(ready.get("Wed 08:30")).toBe(2);
  expect(ready.get("Sat 12:00")).toBe(2);
});

test("the boundary's value rules while EC2 refuses to take it, and is written when EC2 does", async () => {
  const { fleet, console } = broadcaster();
  await console.write(TAG, "3");
  await fleet.run(10 * TICKS_PER_MINUTE);
  fleet.wire.faults.add(
    { op: "CreateTags", times: 20, effect: { kind: "throttled" } },
    fleet.now(),
  );

  // From 09:10 on Sunday to 23:05.
  await fleet.run((13 * 60 + 55) * TICKS_PER_MINUTE);
  const refused = fleet.status().target;
  const before = await console.read(TAG);
  await fleet.run(120 * TICKS_PER_MINUTE);

  expect(refused).toMatchObject({ spares: 2, source: "schedule" });
  expect(refused.chain.find(({ won }) => won)?.note).toContain("tag write pending");
  expect(before).toBe("3");
  expect(await console.read(TAG)).toBe("2");
  expect(fleet.status().target).toMatchObject({ spares: 2, source: "tag" });
});

test("an object that was away for days applies the newest boundary only, and once", async () => {
  const { fleet, console } = broadcaster();
  await console.write(TAG, "3");
  await fleet.run(30);
  const boundaries = (): string[] =>
    fleet.sql
      .rows("SELECT message FROM events WHERE kind = 'boundary' ORDER BY id")
      .map(({ message }) => String(message));

  fleet.sleep(3 * MINUTES_PER_DAY * MINUTE_MS);
  fleet.restart();
  await fleet.run(10);
  fleet.restart();
  await fleet.run(10);

  expect(boundaries()).toEqual([
    "night begins: 2 spares",
    "weekday morning begins: 8 spares; 8 goes into the tag",
  ]);
  expect(await console.read(TAG)).toBe("8");
});

test("a change of the tag reaches the fleet's commands within 20 s, an override within one tick", async () => {
  const fleet = startFleet({ spec: specOf({ spares: { default: "1", tag: TAG } }) });
  const console = consoleOver(fleet.wire, REGION, fleet.now);
  await console.write(TAG, "2");
  await fleet.run(60);
  const created = (): number => fleet.cloud.everCreated().length;
  const until = async (servers: number): Promise<number> => {
    const from = fleet.now();
    while (created() < servers) await fleet.run(1);
    return fleet.now() - from;
  };

  await console.write(TAG, "4");
  const byTag = await until(4);
  const booking = { fromMs: null, untilMs: null, expiresInSeconds: 600, reason: "a test" };
  const given = { now: fleet.now(), word: () => "w1" };
  book(fleet.engine(), { ...booking, expression: "7" }, { actor: "olga" }, given);
  const byOverride = await until(7);

  expect(byTag).toBeLessThanOrEqual(20_000);
  expect(byOverride).toBeLessThanOrEqual(5_000);
});
