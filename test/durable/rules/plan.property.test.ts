/**
 * I2, I9 and I10 over random worlds: whatever is seen or answered, in whatever order, an instance moves to
 * `deleting` only as one that we created and never heard, or as one that was drained and then seen
 * empty. The judge keeps its own record of what the servers said; it asks none of the rules.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Instance } from "../../../durable/rules/model.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { settleCommand } from "../../../durable/rules/settle.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import type {
  CloudInstance,
  Command,
  Listing,
  Outcome,
  Reading,
  Rejection,
  Watch,
} from "../../../durable/rules/world.ts";
import { A_HOLE, aCloudInstance, anObservation, aState, NOW } from "./builders.ts";

const TICK_MS = 5_000;
const DRAIN_MS = 10_000;
const TICKS = 60;
const STRAYS = ["media-old-1", "media-old-2"];

/** What happens in one tick; the numbers are drawn upon server by server. */
interface Weather {
  readonly listing: "complete" | "empty" | "partial" | "none";
  readonly servers: readonly number[];
  readonly outcomes: readonly number[];
  readonly spares: number;
}

const WEATHER: fc.Arbitrary<Weather> = fc.record({
  listing: fc.constantFrom("complete", "complete", "complete", "empty", "partial", "none"),
  servers: fc.array(fc.nat(19), { minLength: 4, maxLength: 4 }),
  outcomes: fc.array(fc.nat(19), { minLength: 3, maxLength: 3 }),
  spares: fc.constantFrom(0, 0, 0, 1, 3),
});

const REJECTIONS: readonly Rejection[] = [
  "quota",
  "zoneCapacity",
  "notNow",
  "invalid",
  "nameInUse",
];

/** What a server said last, in a row: when each reading that said idle began. */
type Said = Map<string, { heard: boolean; idleAt: number[] }>;

interface World {
  state: State;
  readonly cloud: Map<string, CloudInstance>;
  readonly record: Said;
  deletes: number;
}

function newWorld(): World {
  const state = aState({
    tick: 0,
    spec: {
      retire: { idleForSeconds: 5, confirmations: 2, drainSeconds: DRAIN_MS / 1000 },
      timeouts: { startSeconds: 30, readySeconds: 60 },
    },
  });
  const strays = STRAYS.map((name) => [name, aCloudInstance({ name, createdAt: NOW })] as const);
  return { state, cloud: new Map(strays), record: new Map(), deletes: 0 };
}

function tick(world: World, weather: Weather): void {
  const now = world.state.now + TICK_MS;
  const before = { ...world.state, now, beganAt: now, tick: world.state.tick + 1 };
  const { spec } = before;
  world.state = {
    ...before,
    spec: { ...spec, spares: { ...spec.spares, default: String(weather.spares) } },
  };
  const watch = watchOf(world.state);
  const observation = anObservation({
    tick: world.state.tick,
    listing: look(world, weather),
    lookUps: watch.lookUps.map((name) => {
      const instance = world.cloud.get(name);
      if (instance !== undefined) return { kind: "found", name, instance };
      return { kind: "absent", name, startedAt: world.state.now };
    }),
    readings: readings(world, watch, weather.servers),
  });
  const { moves } = plan(world.state, observation);
  judge(world, moves.rows);
  world.state = apply(world.state, moves);
  moves.commands.forEach((command, index) => {
    const drawn = weather.outcomes[index % weather.outcomes.length] ?? 0;
    settle(world, command, drawn);
  });
}

function look({ state, cloud }: World, { listing }: Weather): Listing {
  const instances = [...cloud.values()];
  const read = { startedAt: state.now, pages: 1, strangers: [], unread: [] };
  switch (listing) {
    case "none":
      return { kind: "none" };
    case "empty":
      return { kind: "complete", ...read, instances: [] };
    case "complete":
      return { kind: "complete", ...read, instances };
    case "partial":
      return { kind: "partial", ...read, instances: instances.slice(1), hole: A_HOLE, next: null };
  }
}

/** Most servers are idle; some are busy, some are silent, some answer a question from before. */
function readings(world: World, watch: Watch, servers: readonly number[]): Reading[] {
  return watch.probes.map(({ name, revision }, index): Reading => {
    const drawn = servers[index % servers.length] ?? 0;
    const startedAt = world.state.now;
    const said = world.record.get(name) ?? { heard: false, idleAt: [] };
    world.record.set(name, said);
    if (drawn >= 18) {
      said.idleAt = [];
      return { kind: "hole", name, revision, startedAt, detail: "timed out" };
    }
    const stale = drawn === 17;
    const sessions = drawn >= 15 && !stale ? drawn - 14 : 0;
    if (!stale) {
      said.heard = true;
      said.idleAt = sessions === 0 ? [...said.idleAt, startedAt] : [];
    }
    const asked = stale ? revision - 1 : revision;
    return { kind: "answer", name, revision: asked, startedAt, sessions, draining: false };
  });
}

function judge(world: World, rows: readonly Instance[]): void {
  const latest = new Map(world.state.instances);
  for (const row of rows) {
    const before = latest.get(row.name);
    if (row.phase === "deleting" && before?.phase !== "deleting") {
      world.deletes++;
      judgeDelete(world, before);
    }
    latest.set(row.name, row);
  }
}

function judgeDelete({ state, record }: World, before: Instance | undefined): void {
  if (before === undefined) throw new Error("a row was born in deletion");
  const said = record.get(before.name) ?? { heard: false, idleAt: [] };
  if (before.createdByUs && !before.adopted && !said.heard) return;

  const emptyFrom = (before.cordonedAt ?? Number.POSITIVE_INFINITY) + DRAIN_MS;
  expect(before.phase).toBe("draining");
  expect(said.idleAt.filter((at) => at > emptyFrom).length).toBeGreaterThanOrEqual(2);
  expect(state.now - (said.idleAt.at(-1) ?? 0)).toBeLessThanOrEqual(3 * TICK_MS);
}

function settle(world: World, command: Command, drawn: number): void {
  const outcome = outcomeOf(command, drawn);
  const happened = outcome.kind === "done" || (outcome.kind === "unknown" && drawn % 2 === 0);
  if (happened) happen(world, command);
  world.state = apply(world.state, settleCommand(world.state, command, outcome));
}

function outcomeOf({ number }: Command, drawn: number): Outcome {
  const about = { number, calls: [] };
  if (drawn < 13) return { ...about, kind: "done", requestId: null };
  if (drawn < 15) return { ...about, kind: "unknown", message: "timed out" };
  if (drawn < 16) return { ...about, kind: "unsent", message: "no time left" };
  if (drawn < 17) return { ...about, kind: "throttled", code: "Throttling", message: "Rate" };
  const rejection = REJECTIONS[drawn % REJECTIONS.length] ?? "other";
  return { ...about, kind: "rejected", rejection, code: "Code", message: "no", requestId: null };
}

function happen({ state, cloud }: World, { action }: Command): void {
  if (action.kind === "delete") cloud.delete(action.name);
  if (action.kind !== "create") return;
  for (const name of action.names)
    cloud.set(name, aCloudInstance({ name, createdAt: state.now, zone: action.zone }));
}

it("never deletes what is adopted without a drain, nor what is busy or unknown", () => {
  let deletes = 0;

  fc.assert(
    fc.property(fc.array(WEATHER, { minLength: TICKS, maxLength: TICKS }), (days) => {
      const world = newWorld();
      for (const weather of days) tick(world, weather);
      deletes += world.deletes;
    }),
    { numRuns: 200, seed: 20_261_123 },
  );

  // A world in which nothing is ever deleted would prove nothing.
  expect(deletes).toBeGreaterThan(20);
});
