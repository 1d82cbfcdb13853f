/** Fleets that AWS cannot be asked about, and how they are removed: through the engine over real SQL. */
import { describe, expect, it } from "vitest";
import { UNASKED_TICKS } from "../../durable/forgetting.ts";
import { remove } from "../../durable/operate.ts";
import type { RemovalWish } from "../../durable/rules/removal-views.ts";
import type { Command, Listing, Outcome } from "../../durable/rules/world.ts";
import {
  aFleet as theFleet,
  eventsOf,
  type Fleet,
  given,
  OLGA,
  stateOf,
  tick,
} from "./fleet-builder.ts";
import { A_HOLE } from "./rules/builders.ts";

const SILENT: Listing = {
  kind: "partial",
  startedAt: 0,
  pages: 0,
  instances: [],
  strangers: [],
  unread: [],
  hole: A_HOLE,
} as unknown as Listing;
const REFUSED: Listing = {
  ...SILENT,
  hole: {
    ...A_HOLE,
    why: "rejected",
    rejection: "credentials",
    detail: "UnrecognizedClientException: The security token included in the request is invalid.",
  },
} as unknown as Listing;

/** Ticks in which AWS answers the listing so. */
function ticks(
  fleet: Fleet,
  count: number,
  listing: Listing,
  outcome?: (command: Command) => Outcome,
): void {
  for (let index = 0; index < count; index += 1)
    tick(fleet, { listing, ...(outcome === undefined ? {} : { outcome }) });
}

function removed(fleet: Fleet, wish: Partial<RemovalWish> = {}) {
  return remove(fleet.engine, { force: false, ...wish }, OLGA, given(fleet));
}

/** A fleet of two servers that AWS has accepted, of which nothing more is heard. */
function withServers(): Fleet {
  const fleet = theFleet({ spares: { default: "2" } });
  tick(fleet);
  tick(fleet);
  expect(stateOf(fleet).instances.size).toBe(2);
  ticks(fleet, 2, REFUSED);
  return fleet;
}

function namesOf(fleet: Fleet): string[] {
  return [...stateOf(fleet).instances.keys()].toSorted();
}

describe("the removal of a fleet whose key never worked", () => {
  it("ends with its next tick: AWS never accepted anything, so there is nothing to look for", () => {
    const fleet = theFleet({ spares: { default: "2" } });
    ticks(fleet, 3, REFUSED);
    expect(fleet.engine.isForgotten).toBe(false);

    expect(removed(fleet)).toMatchObject({ removing: true, forgotten: false });
    ticks(fleet, 1, REFUSED);

    expect(fleet.engine.isForgotten).toBe(true);
  });

  it("waits a minute where AWS only is silent: a lost ledger knows nothing of the servers that it had", () => {
    const fleet = theFleet({ spares: { default: "2" } });
    ticks(fleet, 3, SILENT);
    removed(fleet);

    ticks(fleet, UNASKED_TICKS - 1, SILENT);
    expect(fleet.engine.isForgotten).toBe(false);
    ticks(fleet, 1, SILENT);

    expect(fleet.engine.isForgotten).toBe(true);
  });
});

describe("the removal of a fleet of which something may exist", () => {
  it("never ends by itself while AWS cannot be asked, and says what waits and what to do", () => {
    const fleet = withServers();
    const names = namesOf(fleet);

    const answer = removed(fleet, { force: true });

    expect(answer).toMatchObject({ removing: true, forgotten: false });
    const words = "waitsForAws" in answer ? (answer.waitsForAws ?? "") : "";
    expect(words).toContain(`These may go on billing: ${names.join(", ")}.`);
    expect(words).toContain(`abandon=${names.join(",")}`);
    ticks(fleet, 3 * UNASKED_TICKS, REFUSED);
    expect(fleet.engine.isForgotten).toBe(false);
  });

  it("is forgotten by force, with a reason, once a person has named the servers that may go on billing", () => {
    const fleet = withServers();
    const names = namesOf(fleet);
    removed(fleet, { force: true });

    const reason = "the account is closed";
    const abandon = names.toReversed().join(", ");
    expect(removed(fleet, { force: true, reason, abandon })).toEqual({
      removing: true,
      forgotten: true,
      waitsForAws: null,
    });

    expect(fleet.engine.isForgotten).toBe(true);
    const [event] = eventsOf(fleet, "forced");
    expect(event).toMatchObject({ actor: "olga" });
    expect(String(event?.["message"])).toContain(
      `may go on billing: ${names.join(",")}; ${reason}`,
    );
    const waiting = fleet.sql
      .rows("SELECT bulletin FROM outbox")
      .map(({ bulletin }) => String(bulletin));
    expect(waiting.some((text) => text.includes("A fleet is given up"))).toBe(true);
  });

  it("is not forgotten without force, a reason, or all of the names and no other", () => {
    const fleet = withServers();
    const names = namesOf(fleet).join(",");
    const reason = "the account is closed";

    for (const wish of [
      { force: false, reason, abandon: names },
      { force: true, abandon: names },
      { force: true, reason, abandon: "none" },
      { force: true, reason, abandon: names.split(",")[0] ?? "" },
      { force: true, reason, abandon: `${names},media-other-1` },
    ])
      expect(removed(fleet, wish), JSON.stringify(wish)).toMatchObject({
        refused: { status: 409, title: "The removal is not confirmed" },
      });
    expect(fleet.engine.isForgotten).toBe(false);
    expect(stateOf(fleet).removing).toBeNull();
  });

  it("is not forgotten so while AWS can be asked: then the removal leaves nothing behind", () => {
    const fleet = theFleet({ spares: { default: "2" } });
    tick(fleet);
    const abandon = namesOf(fleet).join(",");

    expect(removed(fleet, { force: true, reason: "x", abandon })).toMatchObject({
      refused: { status: 409, title: "AWS can be asked" },
    });
  });
});
