/** The order of a tick: nothing goes out before the storage says that its intent is durable. */
import { describe, expect, it } from "vitest";
import type { Observation, Outcome, Watch } from "../../durable/rules/world.ts";
import { tick, type TickPorts } from "../../durable/tick.ts";
import { aFleet, done, empty, type Fleet } from "./fleet-builder.ts";
import { anObservation } from "./rules/builders.ts";

interface Staged {
  readonly fleet: Fleet;
  readonly ports: TickPorts;
  /** What was done, in its order. */
  readonly did: string[];
  /** The storage has written all that it was given; until then it says nothing. */
  readonly written: () => void;
}

/** A fleet whose tick has so many launches to make. */
function staged(launches: number): Staged {
  const fleet = aFleet({ spares: { default: String(launches) } });
  fleet.now += 5_000;
  const did: string[] = [];
  const storage = Promise.withResolvers<void>();
  const ports: TickPorts = {
    engine: fleet.engine,
    eyes: {
      observe: async (watch: Watch): Promise<Observation> => {
        did.push("look");
        return anObservation({ tick: watch.tick, ...empty(watch, fleet.now) });
      },
    },
    hands: {
      act: async (commands): Promise<Outcome[]> => {
        did.push("act");
        return commands.map((command) => done(command));
      },
    },
    sync: () => {
      did.push("sync");
      return storage.promise;
    },
    now: () => fleet.now,
  };
  return { fleet, ports, did, written: storage.resolve };
}

/** Everything that can happen without the storage has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

describe("a tick", () => {
  it.each([1, 40])(
    "that launches %i waits for its storage before a call goes out",
    async (launches) => {
      const { fleet, ports, did, written } = staged(launches);

      const ticked = tick(ports);
      await settled();

      expect(did).toEqual(["look", "sync"]);
      expect(fleet.sql.rows("SELECT * FROM commands").length).toBeGreaterThan(0);
      written();
      expect(await ticked).toBe(true);
      expect(did.filter((each) => each !== "look")).toEqual(["sync", "act"]);
    },
  );

  it("without a command waits for no storage", async () => {
    const { ports, did } = staged(0);

    expect(await tick(ports)).toBe(true);
    expect(did).toEqual(["look"]);
  });
});
