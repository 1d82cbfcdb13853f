import { describe, expect, it } from "vitest";
import type { Bulletin, Delivery } from "../../durable/rules/bulletins.ts";
import type { AlertsSpec } from "../../durable/rules/spec.ts";
import type { DeadFleet, Heartbeat } from "../../durable/rules/views.ts";
import { tellOfDead, type Visited, visitFleets } from "../../worker/cron.ts";
import { aSpec } from "../durable/rules/builders.ts";

const ALIVE = (fleet: string): Heartbeat => ({ fleet, lastTickAgeMs: 900, rearmed: false });

/** Fleets by name: what each answers to a visit, or the error that it throws. */
async function cronOver(fleets: Readonly<Record<string, Heartbeat | null | Error>>) {
  const names = new Set(Object.keys(fleets));
  const visited: string[] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  const found = await visitFleets({
    directory: () => ({
      names: async () => [...names],
      forget: async (name) => void names.delete(name),
    }),
    fleet: (name) => ({
      visit: async () => {
        visited.push(name);
        const answer = fleets[name] ?? null;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    }),
    log: (entry) => logged.push(entry),
  });
  return { names: [...names], visited, logged, found };
}

describe("the cron", () => {
  it("visits nobody where there is no fleet", async () => {
    expect(await cronOver({})).toEqual({ names: [], visited: [], logged: [], found: [] });
  });

  it("visits every fleet of the directory, and is silent about those that tick", async () => {
    const { names, visited, logged } = await cronOver({ a: ALIVE("a"), b: ALIVE("b") });

    expect(visited).toEqual(["a", "b"]);
    expect(names).toEqual(["a", "b"]);
    expect(logged).toEqual([]);
  });

  it("tells of a fleet whose alarm it armed again", async () => {
    const { names, logged } = await cronOver({
      a: { fleet: "a", lastTickAgeMs: 120_000, rearmed: true },
    });

    expect(logged).toEqual([
      { event: "cron.rearmed", fleet: "a", lastTickAgeMs: 120_000, rearmed: true },
    ]);
    expect(names).toEqual(["a"]);
  });

  it("forgets a name without a fleet behind it, and no other", async () => {
    const { names } = await cronOver({ a: ALIVE("a"), ghost: null, z: ALIVE("z") });

    expect(names).toEqual(["a", "z"]);
  });

  it("goes on to the others where one cannot be visited, and does not forget that one", async () => {
    const round = cronOver({
      broken: new Error("the object is overloaded"),
      ghost: null,
      late: { fleet: "late", lastTickAgeMs: null, rearmed: true },
    });

    await expect(round).resolves.toBeDefined();
    const { names, visited, logged } = await round;
    expect(visited).toEqual(["broken", "ghost", "late"]);
    expect(names).toEqual(["broken", "late"]);
    expect(logged).toEqual([
      { event: "cron.visit.failed", fleet: "broken", error: "Error: the object is overloaded" },
      { event: "cron.rearmed", fleet: "late", lastTickAgeMs: null, rearmed: true },
    ]);
  });

  it("says of each fleet how it was found", async () => {
    const { found } = await cronOver({ a: ALIVE("a"), broken: new Error("gone"), ghost: null });

    expect(found).toEqual([
      { fleet: "a", answered: true, lastTickAgeMs: 900 },
      { fleet: "broken", answered: false, lastTickAgeMs: null },
    ]);
  });

  it("fails where the directory does not answer, so that the platform shows it", async () => {
    const visit = visitFleets({
      directory: () => ({
        names: () => Promise.reject(new Error("no directory")),
        forget: async () => {},
      }),
      fleet: () => ({ visit: async () => null }),
      log: () => {},
    });

    await expect(visit).rejects.toThrow("no directory");
  });
});

const MINUTE_MS = 60_000;
const GOOD: Visited = { fleet: "media", answered: true, lastTickAgeMs: 900 };
const JUST_WOKEN: Visited = { fleet: "media", answered: true, lastTickAgeMs: null };
const SILENT: Visited = { fleet: "media", answered: false, lastTickAgeMs: null };
const LATE: Visited = { fleet: "media", answered: true, lastTickAgeMs: 61_000 };

/** Rounds of the cron, a minute apart, with one memory. */
function rounds(kinds: AlertsSpec["kinds"] | Error = {}) {
  let now = 0;
  let dead: Readonly<Record<string, DeadFleet>> = {};
  let delivery: Delivery = { kind: "sent" };
  const told: Bulletin[] = [];
  const beats: number[] = [];
  const logged: unknown[] = [];
  return {
    told,
    beats,
    logged,
    lines: () => told.map(({ at, fleet, stage }) => `${at / MINUTE_MS} ${fleet} ${stage}`),
    slackIs: (next: Delivery) => void (delivery = next),
    round: async (...visited: readonly Visited[]) => {
      await tellOfDead(visited, {
        fleet: () => ({
          spec: async () => {
            if (kinds instanceof Error) throw kinds;
            return { version: 1, tag: "ab12.1", spec: aSpec({ alerts: { kinds } }) };
          },
        }),
        directory: () => ({
          dead: async () => dead,
          setDead: async (next) => void (dead = next),
        }),
        post: async (bulletins) => {
          if (delivery.kind === "sent") told.push(...bulletins);
          return delivery;
        },
        heartbeat: async () => void beats.push(now),
        now: () => now,
        log: (entry) => logged.push(entry),
      });
      now += MINUTE_MS;
    },
    dead: () => dead,
  };
}

describe("a fleet that does not tick", () => {
  it("is told when it begins and when it ends, and once an hour in between", async () => {
    const cron = rounds();

    await cron.round(GOOD);
    for (let minute = 1; minute <= 130; minute++)
      await cron.round({ ...LATE, lastTickAgeMs: (minute + 1) * MINUTE_MS });
    await cron.round(GOOD);
    await cron.round(GOOD);

    expect(cron.lines()).toEqual([
      "1 media begins",
      "61 media again",
      "121 media again",
      "131 media ends",
    ]);
    expect(cron.told.map(({ severity }) => severity)).toEqual(["page", "page", "page", "tell"]);
    expect(cron.told[0]?.what).toMatch(/^Nobody runs the fleet: it has had no good tick for 2 min/);
    expect(cron.dead()).toEqual({});
  });

  it.each([
    ["does not answer", SILENT, "it has not answered for 60 seconds"],
    ["has not ticked since it woke", JUST_WOKEN, "it has had no good tick for 60 seconds"],
  ])("is told of in the second round in which it %s", async (_what, visited, words) => {
    const cron = rounds();

    await cron.round(visited);
    expect(cron.told).toEqual([]);
    await cron.round(visited);

    expect(cron.told[0]?.what).toContain(words);
  });

  it("is not told of where the next round finds it well", async () => {
    const cron = rounds();

    for (let minute = 0; minute < 10; minute++) {
      await cron.round(SILENT);
      await cron.round(GOOD);
    }

    expect(cron.told).toEqual([]);
  });

  it("is told of again in the next round where Slack did not take it", async () => {
    const cron = rounds();
    cron.slackIs({ kind: "later", afterMs: 0, detail: "down" });
    await cron.round(LATE);
    await cron.round({ ...LATE, lastTickAgeMs: 121_000 });
    cron.slackIs({ kind: "sent" });
    await cron.round({ ...LATE, lastTickAgeMs: 181_000 });
    cron.slackIs({ kind: "refused", detail: "no_service" });
    await cron.round(GOOD);
    cron.slackIs({ kind: "sent" });
    await cron.round(GOOD);
    await cron.round(GOOD);

    expect(cron.lines()).toEqual(["2 media begins", "4 media ends"]);
    expect(cron.told[0]?.what).toContain("for 3 minutes");
    expect(cron.logged).toContainEqual({ event: "cron.telling.failed", detail: "no_service" });
  });

  it("is told as its spec says, and as a page where it cannot be asked", async () => {
    const loud = rounds(new Error("it is broken"));
    const quiet = rounds({ noTick: "tell" });
    const off = rounds({ noTick: "off" });

    for (const cron of [loud, quiet, off]) {
      await cron.round(LATE);
      await cron.round(GOOD);
    }

    expect(loud.told[0]?.severity).toBe("page");
    expect(quiet.told[0]?.severity).toBe("tell");
    expect(off.told).toEqual([]);
  });

  it("is forgotten where it is no longer in the directory", async () => {
    const cron = rounds();
    await cron.round(LATE);

    await cron.round({ ...GOOD, fleet: "other" });

    expect(cron.lines()).toEqual(["0 media begins"]);
    expect(cron.dead()).toEqual({});
  });
});

describe("the sign of life", () => {
  it("is given after a round in which every fleet is good, and after no other", async () => {
    const cron = rounds();

    await cron.round(GOOD, { ...GOOD, fleet: "b" });
    await cron.round(GOOD, { ...LATE, fleet: "b" });
    await cron.round(SILENT);
    await cron.round();

    expect(cron.beats).toEqual([0, 3 * MINUTE_MS]);
  });
});
