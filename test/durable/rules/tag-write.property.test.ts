/**
 * The way of boundaries into the tag, over random worlds. Between a fleet and its tag stands an EC2 that
 * loses, refuses and delays, whose readings lag by up to a minute, and a person who writes what nobody
 * else does. The judge keeps its own record, and asks of the rules only what the target is:
 *
 * 1. While a boundary's value is pending, it rules: never what was in the tag before.
 * 2. A person's word that was read rules, until the next boundary, whatever comes late.
 * 3. Each boundary is told exactly once, whatever restarts.
 * 4. The tag is read before each retry, and what a person wrote is not written over once it was read.
 * 5. When all is calm, the boundary's value or the person's is in the tag, and rules by it.
 */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Boundary } from "../../../durable/rules/model.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { isOver, settleCommand, unheard } from "../../../durable/rules/settle.ts";
import { isPending } from "../../../durable/rules/schedule.ts";
import { apply, type State } from "../../../durable/rules/state.ts";
import { targetOf } from "../../../durable/rules/target.ts";
import { watchOf } from "../../../durable/rules/watch.ts";
import type { Command, Outcome, TagReading } from "../../../durable/rules/world.ts";
import { A_HOLE, anObservation, MINUTE_MS, NOW, SECOND_MS } from "./builders.ts";
import { aBoundary, tagged } from "./schedule-builders.ts";

const TICK_MS = 5 * SECOND_MS;
const TICKS = 90;
/** The longest wait between two attempts is ten minutes. */
const CALM_TICKS = 60;
const CALM_TICK_MS = 15 * SECOND_MS;
const LAG_MAX_MS = MINUTE_MS;

/** What happens in one tick. */
interface Weather {
  /** A boundary begins; the numbers that values are made of are never used twice. */
  readonly boundary: boolean;
  /** A person writes another value; or what is no number. */
  readonly person: "nothing" | "value" | "words";
  /** How old the answer of a read is, as a share of the longest lag; null for a read that fails. */
  readonly lag: number | null;
  readonly outcome: "done" | "refused" | "throttled" | "unsent" | "lost" | "lostBefore";
  /** The object dies before it hears the outcome. */
  readonly dies: boolean;
}

const rarely = (weight: number): fc.Arbitrary<boolean> =>
  fc.nat(weight).map((drawn) => drawn === weight);

const WEATHER: fc.Arbitrary<Weather> = fc.record({
  boundary: rarely(20),
  person: fc.nat(40).map((drawn) => (drawn === 40 ? "value" : drawn === 39 ? "words" : "nothing")),
  lag: fc
    .oneof(fc.constant(0), fc.constant(null), fc.nat(100))
    .map((drawn) => (drawn === null ? null : drawn / 100)),
  outcome: fc.constantFrom("done", "refused", "throttled", "unsent", "lost", "lostBefore"),
  dies: rarely(15),
});

const CALM: Weather = { boundary: false, person: "nothing", lag: 0, outcome: "done", dies: false };

interface Written {
  readonly at: number;
  readonly value: string;
  readonly by: "fleet" | "person" | "past";
}

interface World {
  state: State;
  last: Boundary | null;
  /** All that was ever in the tag, the newest last. */
  readonly tag: Written[];
  open: Command[];
  numbers: number;
  /** The person's word that the fleet has read since the last boundary. */
  heard: Written | null;
  /** At the last boundary, what was in the tag was not what the fleet knew. */
  surprised: boolean;
  /** When the tag was last read, and when the boundary's value was last sent. */
  readAt: number;
  triedAt: number | null;
  readonly told: number[];
  readonly boundaries: number[];
}

function newWorld(): World {
  return {
    state: { ...tagged({ tick: 0 }), tick: 0 },
    last: null,
    tag: [{ at: NOW - 60 * MINUTE_MS, value: "3", by: "past" }],
    open: [],
    numbers: 10,
    heard: null,
    readAt: 0,
    triedAt: null,
    surprised: false,
    told: [],
    boundaries: [],
  };
}

function tick(world: World, weather: Weather, tickMs: number): void {
  const now = world.state.now + tickMs;
  if (weather.person !== "nothing") {
    const number = String((world.numbers += 1));
    const value = weather.person === "value" ? number : `${number} please`;
    world.tag.push({ at: now - 2, value, by: "person" });
  }
  if (weather.boundary) {
    world.last = aBoundary({ at: now - 1, value: String((world.numbers += 1)) });
    world.boundaries.push(world.last.at);
    world.heard = null;
    world.triedAt = null;
    world.surprised = isSurprised(world);
  }
  const begun: State = {
    ...world.state,
    now,
    tick: world.state.tick + 1,
    agenda: { last: world.last, coming: [] },
  };
  world.state = hearLate(world, begun);
  const reading = read(world, weather);
  if (reading.seen !== null) world.readAt = now;
  decide(world, reading);
  judge(world);
  act(world, weather);
}

/** Something was written that the fleet has not read yet, or that a late answer may hide. */
function isSurprised({ state, last, tag }: World): boolean {
  const { garbled, value } = state.tagMemory;
  const lately = tag.some(({ at, by }) => by === "person" && at > (last?.at ?? 0) - LAG_MAX_MS);
  return lately || (garbled ?? value) !== tag.at(-1)?.value;
}

/** What was not heard is over some time later. */
function hearLate(world: World, begun: State): State {
  const over = world.open.filter((command) => isOver(command, begun.now));
  world.open = world.open.filter((command) => !over.includes(command));
  return over.reduce(
    (state, command) => apply(state, settleCommand(state, command, unheard(command))),
    begun,
  );
}

/** An answer may be as old as the lag, and later ones older than earlier ones. */
function read(
  { state, tag }: World,
  { lag }: Weather,
): { reading: TagReading; seen: Written | null } {
  if (watchOf(state).tag === null) return { reading: { kind: "none" }, seen: null };
  if (lag === null) return { reading: { kind: "hole", hole: A_HOLE }, seen: null };
  const seen = tag.findLast(({ at }) => at <= state.now - lag * (LAG_MAX_MS - 1)) ?? null;
  if (seen === null) return { reading: { kind: "missing", at: state.now }, seen };
  return { reading: { kind: "value", value: seen.value, at: state.now }, seen };
}

function decide(world: World, { reading, seen }: ReturnType<typeof read>): void {
  const ruling = world.state.ruling?.boundary?.at ?? 0;
  const { moves } = plan(world.state, anObservation({ tick: world.state.tick, tag: reading }));
  world.state = apply(world.state, moves);
  const told = moves.events.filter(({ kind }) => kind === "boundary");
  world.told.push(...told.map(({ data }) => Number(data?.["at"])));
  const commands = moves.commands.filter(({ action }) => action.kind === "targetTag");
  expect(commands.length).toBeLessThanOrEqual(1);
  world.open.push(...commands);
  // What a person wrote after the boundary that rules, and later than what was heard before.
  const since = world.state.ruling?.boundary?.at ?? 0;
  if (seen?.by !== "person" || since !== ruling || seen.at < since) return;
  if (world.heard === null || seen.at > world.heard.at) world.heard = seen;
}

function judge({ state, last, heard, tag, surprised }: World): void {
  if (last === null) return;
  const { expression, source } = targetOf(state, 0);
  const pending = isPending(state.ruling);
  if (pending) {
    expect(heard, "a person's word ends the wait").toBeNull();
    expect([source, expression], "what was before never rules").toEqual(["schedule", last.value]);
  }
  // What a person wrote just before the boundary may be taken for a word after it.
  if (surprised) return;
  // Written over by a command that went out before it could be read: then either may be read.
  if (heard === null || tag.some(({ at, by }) => by === "fleet" && at > heard.at)) return;
  const words = tag.filter(({ at, by }) => by === "person" && at >= last.at);
  const isNumber = ({ value }: Written): boolean => !value.includes(" ");
  const good = words.filter((word) => isNumber(word)).map(({ value }) => value);
  // Long after the write a late answer is believed until the next one, as it is without a schedule.
  const isWatched = state.ruling !== null && state.ruling.write !== null;
  if (!isWatched || !words.every((word) => isNumber(word))) good.push(last.value ?? "");
  expect(good, "a person's word rules once it was read").toContain(expression);
  expect(source).toBe("tag");
}

function act(world: World, weather: Weather): void {
  for (const command of world.open.filter(({ tick: each }) => each === world.state.tick)) {
    const { action, number } = command;
    if (action.kind !== "targetTag") continue;
    expect(world.heard, "a person's word is not written over").toBeNull();
    if (world.triedAt !== null)
      expect(world.readAt, "the tag is read before a retry").toBeGreaterThan(world.triedAt);
    if (weather.outcome !== "unsent" || weather.dies) world.triedAt = world.state.now;
    const lands = weather.outcome === "done" || weather.outcome === "lost";
    if (lands) {
      world.tag.push({ at: world.state.now + 1, value: action.value, by: "fleet" });
    }
    if (weather.dies) continue;
    world.open = world.open.filter((each) => each !== command);
    const outcome = outcomeOf(number, weather);
    const { state } = world;
    world.state = apply(state, settleCommand(state, command, outcome));
  }
  // Another object on the same ledger: what only lived in memory is gone.
  if (weather.dies)
    world.state = { ...world.state, memory: { ...world.state.memory, tagReadAt: null } };
}

function outcomeOf(number: number, { outcome }: Weather): Outcome {
  const bare = { number, calls: [] };
  switch (outcome) {
    case "done":
      return { ...bare, kind: "done", requestId: "r" };
    case "refused": {
      const refused = { rejection: "other", code: "Bad", message: "no", requestId: null } as const;
      return { ...bare, kind: "rejected", ...refused };
    }
    case "throttled":
      return { ...bare, kind: "throttled", code: "RequestLimitExceeded", message: "slow" };
    case "unsent":
      return { ...bare, kind: "unsent", message: "no time" };
    case "lost":
    case "lostBefore":
      return { ...bare, kind: "unknown", message: "timed out" };
  }
}

it("a boundary rules until it is read back, a person's word from when it is read, and each is told once", () => {
  fc.assert(
    fc.property(fc.array(WEATHER, { minLength: TICKS, maxLength: TICKS }), (days) => {
      const world = newWorld();

      for (const weather of days) tick(world, weather, TICK_MS);
      for (let calm = 0; calm < CALM_TICKS; calm += 1) tick(world, CALM, CALM_TICK_MS);

      expect(world.told).toEqual(world.boundaries);
      const { state, last, tag, surprised } = world;
      expect(isPending(state.ruling)).toBe(false);
      const says = tag.at(-1)?.value ?? null;
      expect(state.tagMemory.garbled ?? state.tagMemory.value).toBe(says);
      const spoken = tag.some(({ at, by }) => by === "person" && at >= (last?.at ?? 0));
      if (last !== null && !spoken && !surprised) expect(says).toBe(last.value);
    }),
    { seed: 20_261_125, numRuns: 150 },
  );
});
