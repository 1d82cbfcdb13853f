import { describe, expect, it } from "vitest";
import type { Heartbeat } from "../../durable/rules/views.ts";
import { visitFleets } from "../../worker/cron.ts";

const ALIVE = (fleet: string): Heartbeat => ({ fleet, lastTickAgeMs: 900, rearmed: false });

/** Fleets by name: what each answers to a visit, or the error that it throws. */
async function cronOver(fleets: Readonly<Record<string, Heartbeat | null | Error>>) {
  const names = new Set(Object.keys(fleets));
  const visited: string[] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  await visitFleets({
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
  return { names: [...names], visited, logged };
}

describe("the cron", () => {
  it("visits nobody where there is no fleet", async () => {
    expect(await cronOver({})).toEqual({ names: [], visited: [], logged: [] });
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
    const { names, visited, logged } = await cronOver({
      broken: new Error("the object is overloaded"),
      ghost: null,
      late: { fleet: "late", lastTickAgeMs: null, rearmed: true },
    });

    expect(visited).toEqual(["broken", "ghost", "late"]);
    expect(names).toEqual(["broken", "late"]);
    expect(logged).toEqual([
      { event: "cron.visit.failed", fleet: "broken", error: "Error: the object is overloaded" },
      { event: "cron.rearmed", fleet: "late", lastTickAgeMs: null, rearmed: true },
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
