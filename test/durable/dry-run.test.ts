/** What applying a spec would do: asked of the real engine, which is the same afterwards. */
import { describe, expect, it } from "vitest";
import { dryRun } from "../../durable/dry-run.ts";
import { act } from "../../durable/operate-instance.ts";
import { pause, remove } from "../../durable/operate.ts";
import { Previews } from "../../durable/calendar/preview.ts";
import type { DryRunBasis } from "../../durable/rules/dry-run-views.ts";
import type { CloudInstance, Eyes, Observation, Watch } from "../../durable/rules/world.ts";
import {
  aFleet,
  empty,
  everything,
  type Fleet,
  given,
  OLGA,
  respec,
  stateOf,
  tick,
  unborn,
  wanted,
} from "./fleet-builder.ts";
import {
  aCloudInstance,
  anObservation,
  complete,
  MEDIUM,
  MINUTE_MS,
  NOW,
  partial,
  type SpecOverrides,
} from "./rules/builders.ts";
import { says, TAG } from "./rules/schedule-builders.ts";

const TEN: SpecOverrides = { spares: { default: "10" } };

/** Eyes that see what they are told, and remember what they were asked. */
function eyes(sight: (watch: Watch) => Partial<Observation> = () => ({})) {
  const watches: Watch[] = [];
  const port: Eyes = {
    observe: async (watch) => {
      watches.push(watch);
      return anObservation({ tick: watch.tick, ...empty(watch, NOW), ...sight(watch) });
    },
  };
  return { port, watches };
}

/** The dry run; the fleet and its tables are as they were before it. */
async function dry(fleet: Fleet, spec: SpecOverrides, port = eyes().port): Promise<DryRunBasis> {
  const before = everything(fleet);

  const answer = await dryRun(fleet.engine, wanted(spec), given(fleet), port);

  expect(everything(fleet)).toEqual(before);
  if ("refused" in answer) throw new Error(answer.refused.detail);
  return answer;
}

/** Every server that the ledger has, running and idle. */
function sees(fleet: Fleet, watch: Watch): Partial<Observation> {
  const listed = serversOf(fleet);
  return {
    listing: watch.listing ? complete(listed, fleet.now) : { kind: "none" },
    readings: watch.probes.map(({ name, revision }) => ({
      kind: "answer",
      name,
      revision,
      startedAt: fleet.now,
      sessions: 0,
      draining: false,
    })),
  };
}

function serversOf(fleet: Fleet): CloudInstance[] {
  const { instances, template } = stateOf(fleet);
  return [...instances.values()].map(({ name, createdAt, plannedAt }) =>
    aCloudInstance({
      name,
      createdAt: createdAt ?? plannedAt,
      template,
      tags: { "lightfleet:owner": "default/media", "lightfleet:spec": template },
    }),
  );
}

/** A fleet of so many idle servers, some minutes old, that wants them all. */
function grown(count: number): Fleet {
  const fleet = aFleet({ spares: { default: String(count) } });
  tick(fleet);
  for (let index = 0; index < 40; index += 1) {
    const watch = fleet.engine.begin((fleet.now += 5_000));
    if (watch === null) throw new Error("the fleet is gone");
    const seen = anObservation({
      tick: watch.tick,
      ...empty(watch, fleet.now),
      ...sees(fleet, watch),
    });
    const commands = fleet.engine.plan(seen, fleet.now);
    fleet.engine.settle(
      commands.map(({ number }) => ({ number, calls: [], kind: "done", requestId: "r" })),
      fleet.now,
    );
  }
  return fleet;
}

describe("a dry run of a new fleet", () => {
  it("says what the first tick would launch, and what that costs a month", async () => {
    const { created, changes, firstTick, usdPerMonth, replaces, target } = await dry(unborn(), TEN);

    expect({ created, changes, replaces }).toEqual({ created: true, changes: true, replaces: 0 });
    expect(firstTick).toEqual({
      decision: "launch 10: spares 0 < target 10, launching 0",
      launch: 10,
      retire: 0,
      adopt: 0,
      blockers: [],
      unseen: null,
    });
    expect(usdPerMonth).toBe(10 * MEDIUM.usdPerMonth);
    expect(target).toMatchObject({ spares: 10, source: "default" });
  });

  it("looks once, at all there is to see, and makes no fleet", async () => {
    const fleet = unborn();
    const { port, watches } = eyes();

    await dry(fleet, TEN, port);

    expect(watches).toMatchObject([
      { listing: { from: null }, bundles: true, owner: "default/media" },
    ]);
    expect(fleet.engine.read(fleet.now)).toBeNull();
    expect(fleet.sql.rows("SELECT name FROM sqlite_master WHERE type = 'table'")).toEqual([]);
  });

  it("says so of a fleet that would only observe, too", async () => {
    const { firstTick } = await dry(unborn(), { ...TEN, mode: "observe" });

    expect(firstTick).toMatchObject({
      decision: "launch 10: spares 0 < target 10, launching 0",
      launch: 10,
    });
  });

  it("says what it would find and take over", async () => {
    const { port } = eyes(() => ({ listing: complete([aCloudInstance({ name: "media-old-1" })]) }));

    expect((await dry(unborn(), TEN, port)).firstTick).toMatchObject({ adopt: 1, retire: 0 });
  });

  it("reads the tag, and says what it would want by it", async () => {
    const { port, watches } = eyes(() => ({ tag: says("3") }));

    const { target } = await dry(unborn(), { spares: { default: "10", tag: TAG } }, port);

    expect(watches[0]?.tag).toEqual(TAG);
    expect(target).toMatchObject({ spares: 3, source: "tag" });
  });

  it("is ruled by the newest boundary of its schedule, and tells those of a week", async () => {
    const schedule = [
      { name: "all day", cron: "0 * * * *", timezone: "UTC", spares: "7", until: null },
    ];

    const { target, schedule: preview } = await dry(unborn(), { spares: { schedule } });

    expect(target).toMatchObject({ spares: 7, source: "schedule" });
    expect(new Previews().of(preview, 7).boundaries).toHaveLength(7 * 24);
  });

  it("warns of a launch script and of a special day that will not do what they seem to", async () => {
    const day = { name: "night", timezone: "Europe/Berlin", spares: "5" };
    const skipped = { ...day, from: "2027-03-28T02:00", until: "2027-03-28T03:00" };
    const userData = "#!/bin/bash\nset -euo pipefail\n";

    const { warnings } = await dry(unborn(), { userData, spares: { specialDays: [skipped] } });

    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain("ends the first boot");
    expect(warnings[1]).toContain("The special day night never comes");
    expect((await dry(unborn(), TEN)).warnings).toEqual([]);
  });

  it("says which of Lightsail's own ports it would close", async () => {
    expect((await dry(unborn(), TEN)).closesPorts).toEqual(["tcp 22", "tcp 80"]);
  });

  it("says what holds it back, and what it could not see", async () => {
    const port = eyes(() => ({ listing: partial([]) })).port;
    const blind: Eyes = { observe: async () => Promise.reject(new Error("no key")) };

    const unseen = await dry(unborn(), TEN, port);
    const failed = await dry(unborn(), TEN, blind);

    expect(unseen.firstTick).toMatchObject({ launch: 0, unseen: "timed out" });
    expect(unseen.firstTick.blockers).toMatchObject([{ guard: "noListing", retryAt: null }]);
    expect(failed.firstTick).toMatchObject({ launch: 0, unseen: "Error: no key" });
    expect(failed.usdPerMonth).toBe(0);
  });
});

describe("a dry run of a fleet that lives", () => {
  it("changes nothing where the spec is the same", async () => {
    const fleet = grown(3);

    const { created, changes, firstTick, usdPerMonth } = await dry(
      fleet,
      { spares: { default: "3" } },
      eyes((watch) => sees(fleet, watch)).port,
    );

    expect({ created, changes }).toEqual({ created: false, changes: false });
    expect(firstTick).toMatchObject({ launch: 0, retire: 0, adopt: 0 });
    expect(usdPerMonth).toBe(3 * MEDIUM.usdPerMonth);
  });

  it("says what it would launch besides what is there", async () => {
    const fleet = grown(3);
    const { port } = eyes((watch) => sees(fleet, watch));

    const { changes, firstTick, usdPerMonth } = await dry(fleet, TEN, port);

    expect(changes).toBe(true);
    expect(firstTick).toMatchObject({ launch: 7, retire: 0 });
    expect(usdPerMonth).toBe(10 * MEDIUM.usdPerMonth);
  });

  it("says what it would retire", async () => {
    const fleet = grown(3);
    const spec = { spares: { default: "1" }, retire: { idleForSeconds: 0 } };

    const { firstTick } = await dry(fleet, spec, eyes((watch) => sees(fleet, watch)).port);

    expect(firstTick).toMatchObject({ launch: 0, retire: 2 });
  });

  it("counts what was planned and would be called off, and never what leaves already", async () => {
    const fleet = aFleet(TEN);
    tick(fleet, {
      outcome: ({ number }) => ({ number, calls: [], kind: "unsent", message: "no time" }),
    });

    expect((await dry(fleet, { spares: { default: "4" } })).firstTick).toMatchObject({ retire: 6 });
    respec(fleet, { spares: { default: "0" } });
    tick(fleet);
    expect((await dry(fleet, { spares: { default: "0" } })).firstTick).toMatchObject({ retire: 0 });
  });

  it("does not count among what it retires a server that drains already", async () => {
    const fleet = grown(3);
    const [leaving = ""] = stateOf(fleet).instances.keys();
    const drain = { kind: "drain", then: "delete", reason: "its disk" } as const;
    act(fleet.engine, leaving, drain, OLGA, given(fleet));
    const { port } = eyes((watch) => sees(fleet, watch));

    const { firstTick } = await dry(fleet, { spares: { default: "2" } }, port);

    expect(stateOf(fleet).instances.get(leaving)?.phase).toBe("draining");
    expect(firstTick).toMatchObject({ launch: 0, retire: 0 });
  });

  it("says what would be replaced, and which ports closed", async () => {
    const fleet = grown(3);
    const { port } = eyes((watch) => sees(fleet, watch));
    const ports = [{ protocol: "tcp", from: 9000, to: 9000 } as const];

    const { replaces, closesPorts } = await dry(
      fleet,
      { spares: { default: "3" }, bundle: "large_3_0", ports },
      port,
    );

    expect(replaces).toBe(3);
    expect(closesPorts).toEqual(["tcp 8080"]);
  });

  it("says which servers would be asked how", async () => {
    const fleet = grown(3);
    const { port } = eyes((watch) => sees(fleet, watch));
    const spec = {
      spares: { default: "3" },
      userData: "#!/bin/sh\n# another image\n",
      health: {
        path: "/v2/health",
        header: { name: "X-Key", secretRef: "PROBE_KEY" },
        drain: { method: "POST", path: "/{verb}", secretRef: "DRAIN_KEY" },
      },
    } as const;

    const { asked, replaces } = await dry(fleet, spec, port);

    expect(replaces).toBe(3);
    const built = { by: "built", path: "/health", header: null, drain: false };
    expect(asked).toMatchObject([{ servers: 3, ...built }]);
    expect(fleet.engine.read(fleet.now)?.state.checks.size).toBe(0);
  });

  it("sends a secret to nobody whom the applied spec does not send the same", async () => {
    const header = { name: "X-Key", secretRef: "PROBE_KEY" };
    const sent = async (applied: SpecOverrides, tried: SpecOverrides) => {
      const fleet = grown(3);
      respec(fleet, applied);
      const { port, watches } = eyes((watch) => sees(fleet, watch));
      await dry(fleet, tried, port);
      const [watch] = watches;
      const asked = watch === undefined ? [] : [watch.health, ...Object.values(watch.checks ?? {})];
      return asked.some((health) => health.header !== null);
    };

    expect(await sent({}, { health: { header } })).toBe(false);
    expect(await sent({ health: { header } }, { health: { header } })).toBe(true);
    const elsewhere = [
      { host: "{ip-dashed}.example.org" },
      { port: 8081 },
      { header: { name: "X-Key", secretRef: "DRAIN_KEY" } },
    ];
    for (const change of elsewhere) {
      const fleet = grown(3);
      respec(fleet, { health: { header } });
      const { port, watches } = eyes((watch) => sees(fleet, watch));
      await dry(fleet, { health: { header, ...change } }, port);
      expect(watches[0]?.health.header).toBeNull();
    }
  });

  it("says on which servers the new health check would be tried", async () => {
    const fleet = grown(3);
    const spec = { spares: { default: "3" }, health: { path: "/v2/health" } };

    const { asked } = await dry(fleet, spec);

    expect(asked).toMatchObject([{ servers: 3, by: "both", path: "/health" }]);
  });

  it("says what is paused", async () => {
    const fleet = aFleet({ spares: { default: "0" } });
    const what = ["launch"] as const;
    pause(fleet.engine, { what, reason: "incident", until: null }, OLGA, given(fleet));

    const { firstTick } = await dry(fleet, TEN);

    expect(firstTick.launch).toBe(0);
    expect(firstTick.blockers).toMatchObject([{ guard: "paused" }]);
  });

  it("is refused, without a look, for another region", async () => {
    const fleet = aFleet(TEN);
    const { port, watches } = eyes();

    const answer = await dryRun(fleet.engine, wanted({ region: "us-east-1" }), given(fleet), port);

    expect(answer).toMatchObject({ refused: { status: 409 } });
    expect(watches).toEqual([]);
  });

  it("does not disturb the tick that is under way", async () => {
    const fleet = aFleet(TEN);
    fleet.now += 5_000;
    const watch = fleet.engine.begin(fleet.now);
    if (watch === null) throw new Error("the fleet is gone");

    await dry(fleet, { spares: { default: "4" } });
    const seen = anObservation({ tick: watch.tick, ...empty(watch, fleet.now) });

    expect(fleet.engine.plan(seen, fleet.now)).not.toEqual([]);
    expect(stateOf(fleet).instances.size).toBe(10);
  });
});

describe("faults that were found", () => {
  it("a spec that calls a removal off is a change, and its servers are not launched again", async () => {
    const fleet = grown(3);
    remove(fleet.engine, { force: false }, OLGA, given(fleet));
    const watch = fleet.engine.begin((fleet.now += 5_000));
    if (watch === null) throw new Error("the fleet is gone");
    fleet.engine.plan(anObservation({ tick: watch.tick, ...sees(fleet, watch) }), fleet.now);
    fleet.engine.settle([], fleet.now);
    expect([...stateOf(fleet).instances.values()].map(({ phase }) => phase)).toEqual([
      "draining",
      "draining",
      "draining",
    ]);

    const { changes, firstTick } = await dry(
      fleet,
      { spares: { default: "3" } },
      eyes((each) => sees(fleet, each)).port,
    );

    expect(changes).toBe(true);
    expect(firstTick).toMatchObject({ launch: 0, retire: 0 });
  });

  it("a server that AWS no longer lists is not told as retired", async () => {
    const fleet = grown(2);
    const gone = serversOf(fleet).slice(1);
    for (let minute = 0; minute < 20; minute += 1) {
      fleet.now += MINUTE_MS - 5_000;
      tick(fleet, { listing: complete(gone, fleet.now + 5_000) });
    }

    const { port } = eyes(() => ({ listing: complete(gone, fleet.now) }));
    const { firstTick } = await dry(fleet, { spares: { default: "0" } }, port);

    expect(firstTick.retire).toBe(0);
  });
});
