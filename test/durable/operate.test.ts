/** What operators ask of a whole fleet, through the engine over real SQL. */
import { describe, expect, it } from "vitest";
import { pause, remove, resume } from "../../durable/operate.ts";
import type { Hold, Pausable } from "../../durable/rules/model.ts";
import { NO_MOVES } from "../../durable/rules/state.ts";
import {
  aFleet,
  eventsOf,
  type Fleet,
  given,
  OLGA,
  respec,
  restart,
  stateOf,
} from "./fleet-builder.ts";
import { aHold, MINUTE_MS } from "./rules/builders.ts";

const GUARDS: readonly Hold["guard"][] = ["credentials", "quota", "rejected", "rollout"];

/** A fleet that AWS, or its own failed boots, hold back in four ways. */
function heldFleet(): Fleet {
  const fleet = aFleet();
  const until = fleet.now + 60 * MINUTE_MS;
  const holds = GUARDS.map((guard) => aHold(guard, { until }));
  stateOf(fleet);
  fleet.engine.change(NO_MOVES, fleet.now, { holds, failedBoots: 2 });
  return fleet;
}

function held(fleet: Fleet): string[] {
  return stateOf(fleet)
    .holds.map(({ guard }) => guard)
    .toSorted();
}

function paused(fleet: Fleet, what: readonly Pausable[], until: number | null = null) {
  return pause(fleet.engine, { what, reason: "deploy", until }, OLGA, given(fleet));
}

describe("another spec", () => {
  it("tries at once what AWS has refused, but for a key that it has refused", () => {
    const fleet = heldFleet();

    respec(fleet, { bundle: "small_3_0" });

    expect(held(fleet)).toEqual(["credentials"]);
    expect(stateOf(fleet).failedBoots).toBe(0);
    restart(fleet);
    expect(held(fleet)).toEqual(["credentials"]);
  });

  it("is another one only where something in it differs", () => {
    const fleet = heldFleet();

    respec(fleet, {});

    expect(held(fleet)).toEqual([...GUARDS].toSorted());
    expect(stateOf(fleet).failedBoots).toBe(2);
    expect(eventsOf(fleet, "spec")).toHaveLength(1);
  });
});

describe("to resume", () => {
  it("the rollout lets one that failed boots have stopped try again, and nothing else", () => {
    const fleet = heldFleet();
    paused(fleet, ["launch", "rollout"]);

    const left = resume(fleet.engine, ["rollout"], OLGA, given(fleet));

    expect(held(fleet)).toEqual(["credentials", "quota", "rejected"]);
    expect(left).toMatchObject([{ what: "launch" }]);
  });

  it("something else leaves a stopped rollout stopped", () => {
    const fleet = heldFleet();
    paused(fleet, ["launch", "rollout"]);

    resume(fleet.engine, ["launch"], OLGA, given(fleet));

    expect(held(fleet)).toContain("rollout");
    expect(stateOf(fleet).pauses.map(({ what }) => what)).toEqual(["rollout"]);
  });
});

describe("the trail", () => {
  it("has each pause with its reason, and each removal with whether it is forced", () => {
    const fleet = aFleet();

    paused(fleet, ["launch", "retire"]);
    remove(fleet.engine, { force: false }, OLGA, given(fleet));
    remove(fleet.engine, { force: true }, OLGA, given(fleet));

    expect(eventsOf(fleet, "pause").map(({ message }) => message)).toEqual([
      "paused launch, retire: deploy",
    ]);
    expect(new Set(eventsOf(fleet, "removing").map(({ message }) => message))).toEqual(
      new Set(["the fleet is being removed", "the fleet is removed by force"]),
    );
  });
});

describe("a pause", () => {
  it("takes the place of an earlier one of the same, and of no other", () => {
    const fleet = aFleet();
    const until = fleet.now + 10 * MINUTE_MS;
    paused(fleet, ["launch", "retire"]);

    const shown = paused(fleet, ["retire"], until);

    expect(shown).toMatchObject([
      { what: "launch", until: null },
      { what: "retire", until: new Date(until).toISOString() },
    ]);
    restart(fleet);
    expect(stateOf(fleet).pauses).toEqual([
      expect.objectContaining({ what: "launch", until: null }),
      expect.objectContaining({ what: "retire", until, actor: "olga", reason: "deploy" }),
    ]);
  });
});
