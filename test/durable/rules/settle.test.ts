import { describe, expect, it } from "vitest";
import { adviceFor } from "../../../durable/rules/advice.ts";
import type { Instance } from "../../../durable/rules/model.ts";
import { isOver, settleCommand, unheard } from "../../../durable/rules/settle.ts";
import type { Moves, State } from "../../../durable/rules/state.ts";
import type { Action, Outcome, Rejection } from "../../../durable/rules/world.ts";
import { aCommand, aCreate, aFailing, aHold, aPlanned, aRow, aState, NOW } from "./builders.ts";

const MAYBE_UNTIL = NOW + 15_000 + 8_000;

type Told = Outcome extends infer Each
  ? Each extends Outcome
    ? Omit<Each, "number" | "calls">
    : never
  : never;

const DONE = { kind: "done", requestId: null } as const;
const THROTTLED = { kind: "throttled", code: "ThrottlingException", message: "Rate" } as const;
const UNSENT = { kind: "unsent", message: "no time left" } as const;
const UNKNOWN = { kind: "unknown", message: "timed out" } as const;

function rejected(rejection: Rejection, message = "no"): Told {
  return { kind: "rejected", rejection, code: "Code", message, requestId: null };
}

/** The words for people that a hold has. */
function words(rejection: Rejection): string {
  const { what, fix } = adviceFor({ rejection, code: "Code", message: "no" });
  return `${what} ${fix}`;
}

const CREATING = aPlanned({ command: 42, attempts: 1 });
const CONFIGURING = aRow({ phase: "configuring", command: 42, attempts: 1, portsHash: null });
const DELETING = aRow({ phase: "deleting", command: 42, attempts: 1 });
const CREATE = aCreate(CREATING.name);
const PORTS: Action = { kind: "ports", name: CONFIGURING.name, ports: [], portsHash: "new" };
const DELETE: Action = { kind: "delete", name: DELETING.name, arn: "arn:media-k3-1" };

function settled(
  rows: readonly Instance[],
  action: Action,
  told: Told,
  state: Partial<State> = {},
): Moves {
  const whole = { ...aState({ rows }), ...state };
  return settleCommand(whole, aCommand(action), { number: 42, calls: [], ...told });
}

const EACH: readonly [string, Instance, Action][] = [
  ["create", CREATING, CREATE],
  ["ports", CONFIGURING, PORTS],
  ["delete", DELETING, DELETE],
];

describe("a command that was done", () => {
  it("moves a created row to starting", () => {
    expect(settled([CREATING], CREATE, DONE).rows).toMatchObject([
      { phase: "starting", step: "address", command: null, attempts: 0 },
    ]);
  });

  it("moves a configured row to warming, with the ports that it has now", () => {
    expect(settled([CONFIGURING], PORTS, DONE).rows).toMatchObject([
      { phase: "warming", step: "health", portsHash: "new", command: null },
    ]);
  });

  it("does not move a ready row whose ports were put again", () => {
    const ready = aRow({ command: 42, attempts: 2, lastError: "no" });

    expect(settled([ready], PORTS, DONE).rows).toMatchObject([
      { phase: "ready", portsHash: "new", command: null, attempts: 0, lastError: null },
    ]);
  });

  it("leaves a deleted row to the listings, and asks again after a minute", () => {
    expect(settled([DELETING], DELETE, DONE).rows).toMatchObject([
      { phase: "deleting", command: null, nextAttemptAt: NOW + 60_000 },
    ]);
  });
});

describe("a command that came to nothing", () => {
  it.each(EACH)(
    "is tried again as soon as there is a token where a %s was throttled",
    (_kind, row, action) => {
      expect(settled([row], action, THROTTLED).rows).toMatchObject([
        {
          phase: row.phase,
          command: null,
          attempts: 1,
          nextAttemptAt: NOW,
          mayExist: false,
        },
      ]);
    },
  );

  it.each(EACH)("does not count as an attempt where a %s was unsent", (_kind, row, action) => {
    expect(settled([row], action, UNSENT).rows).toMatchObject([
      {
        phase: row.phase,
        command: null,
        attempts: 1,
        nextAttemptAt: NOW,
        lastError: "no time left",
      },
    ]);
  });
});

describe("a command of which nothing is known", () => {
  it("may have created its names: they are looked up once it is surely over", () => {
    const moves = settled([CREATING], CREATE, UNKNOWN);

    expect(moves.rows).toMatchObject([
      { name: CREATING.name, phase: "planned", mayExist: true, nextAttemptAt: MAYBE_UNTIL },
    ]);
    expect(moves.events).toMatchObject([{ kind: "unknown", instance: CREATING.name }]);
  });

  it.each(EACH.slice(1))(
    "is not looked up for %s, but waits all the same",
    (_kind, row, action) => {
      expect(settled([row], action, UNKNOWN).rows).toMatchObject([
        { phase: row.phase, mayExist: false, nextAttemptAt: MAYBE_UNTIL, attempts: 2 },
      ]);
    },
  );

  it("is what a stopped Worker leaves, and is over eight seconds after its last moment", () => {
    const command = aCommand(CREATE);

    expect(unheard(command)).toMatchObject({ number: 42, kind: "unknown", calls: [] });
    expect(isOver(command, MAYBE_UNTIL - 1)).toBe(false);
    expect(isOver(command, MAYBE_UNTIL)).toBe(true);
  });
});

describe("an outcome of a command that the row does not wait for", () => {
  it.each([DONE, THROTTLED, UNKNOWN])("does not touch it when it is $kind", (told) => {
    const moved = aRow({ phase: "starting", command: null });

    expect(settled([moved], CREATE, told).rows).toEqual([]);
    expect(settled([{ ...CREATING, command: 43 }], CREATE, told).rows).toEqual([]);
    expect(settled([], CREATE, told).rows).toEqual([]);
  });
});

describe("a create that AWS refused", () => {
  const pair = [CREATING, aPlanned({ name: "media-k3-2", command: 42 })];
  const both = aCreate("media-k3-1", "media-k3-2");

  it("because a name is in use has that name looked up, and not the others", () => {
    const message = "Some names are already in use: media-k3-2";

    expect(settled(pair, both, rejected("nameInUse", message)).rows).toMatchObject([
      { name: "media-k3-1", phase: "planned", mayExist: false },
      { name: "media-k3-2", phase: "planned", mayExist: true },
    ]);
  });

  it("because a name is in use does not take media-k3-1 for media-k3-12", () => {
    const rows = [CREATING, aPlanned({ name: "media-k3-12", command: 42 })];
    const message = "Some names are already in use: media-k3-12.";

    const moves = settled(
      rows,
      aCreate("media-k3-1", "media-k3-12"),
      rejected("nameInUse", message),
    );

    expect(moves.rows.map(({ mayExist }) => mayExist)).toEqual([false, true]);
  });

  it("because some name is in use has all looked up where it does not say which", () => {
    const moves = settled(pair, both, rejected("nameInUse", "in use"));

    expect(moves.rows.map(({ mayExist }) => mayExist)).toEqual([true, true]);
  });

  it("for the quota asks for one at a time, and only then holds launching back", () => {
    const together = settled(pair, both, rejected("quota"));
    const alone = settled([CREATING], CREATE, rejected("quota"));

    expect(together.rows).toMatchObject([{ phase: "planned" }, { phase: "planned", attempts: 1 }]);
    expect(together.state.holds).toBeUndefined();
    expect(alone.rows).toMatchObject([{ phase: "gone", goneAt: NOW, lastError: "Code: no" }]);
    expect(alone.state.holds).toMatchObject([{ guard: "quota", until: NOW + 300_000 }]);
  });

  it("for the zone's capacity leaves that zone aside, and does not burn the name", () => {
    const moves = settled([CREATING], CREATE, rejected("zoneCapacity"));

    expect(moves.rows).toMatchObject([{ phase: "planned", attempts: 1, nextAttemptAt: NOW }]);
    expect(moves.state.holds).toMatchObject([
      { guard: "zoneCapacity", subject: "ap-northeast-2a", until: NOW + 600_000 },
    ]);
  });

  it("for our credentials waits, and holds everything back", () => {
    const moves = settled([CREATING], CREATE, rejected("credentials"));

    expect(moves.rows).toMatchObject([{ phase: "planned", nextAttemptAt: NOW + 10_000 }]);
    expect(moves.state.holds).toMatchObject([{ guard: "credentials", until: NOW + 60_000 }]);
  });

  it("for now waits longer with each attempt, and holds nothing back", () => {
    const often = { ...CREATING, attempts: 3 };

    const moves = settled([often], CREATE, rejected("notNow"));

    expect(moves.rows).toMatchObject([
      { phase: "planned", attempts: 4, nextAttemptAt: NOW + 40_000 },
    ]);
    expect(moves.state.holds).toBeUndefined();
    expect(moves.state.failing).toMatchObject([{ call: "create", since: NOW, count: 1 }]);
  });

  it.each(["invalid", "other", "notFound"] as const)(
    "as %s burns its name and holds launching back for a minute",
    (rejection) => {
      const moves = settled([CREATING], CREATE, rejected(rejection));

      expect(moves.rows).toMatchObject([{ phase: "gone" }]);
      expect(moves.state.holds).toMatchObject([{ guard: "rejected", until: NOW + 60_000 }]);
      expect(moves.events).toMatchObject([{ kind: "rejected" }]);
    },
  );

  it("again keeps the beginning of its hold, and does not double it", () => {
    const before = aHold("quota", { since: NOW - 9, until: NOW - 1 });

    const { state } = settled([CREATING], CREATE, rejected("quota"), { holds: [before] });

    expect(state.holds).toMatchObject([{ guard: "quota", since: NOW - 9, until: NOW + 300_000 }]);
    expect(state.holds).toHaveLength(1);
  });
});

describe("ports that get through after AWS had refused them to all", () => {
  const refused = (name: string) =>
    aRow({
      name,
      phase: "configuring",
      portsHash: null,
      refusedSince: NOW - 3_600_000,
      attempts: 9,
    });
  const others = [refused("b"), refused("c"), refused("d")];
  const failing = [aFailing("ports", { why: "rejected" })];

  it("end the refusal of the others, which are not given up for what is over (simulator, seed 85000058)", () => {
    const rows = settled([CONFIGURING, ...others], PORTS, DONE, { failing }).rows;

    expect(rows.map(({ name, refusedSince }) => [name, refusedSince])).toEqual([
      [CONFIGURING.name, null],
      ["b", null],
      ["c", null],
      ["d", null],
    ]);
  });

  it("end it where the key was refused, though few waited", () => {
    const holds = [aHold("credentials", { subject: "ports" })];

    expect(settled([CONFIGURING, refused("b")], PORTS, DONE, { holds }).rows).toMatchObject([
      { name: CONFIGURING.name },
      { name: "b", refusedSince: null },
    ]);
  });

  it("leave a server alone whose own ports are refused while those of others get through", () => {
    const { rows } = settled([CONFIGURING, refused("b")], PORTS, DONE);

    expect(rows.map(({ name }) => name)).toEqual([CONFIGURING.name]);
  });
});

describe("ports or a delete that AWS refused", () => {
  it.each(EACH.slice(1))(
    "waits with its %s, and does not hold launching back",
    (_kind, row, action) => {
      const moves = settled([row], action, rejected("invalid"));

      expect(moves.rows).toMatchObject([
        { phase: row.phase, attempts: 2, nextAttemptAt: NOW + 10_000, lastError: "Code: no" },
      ]);
      expect(moves.state.holds).toBeUndefined();
    },
  );

  it("for our credentials holds everything back", () => {
    const moves = settled([DELETING], DELETE, rejected("credentials"));

    expect(moves.state.holds).toMatchObject([{ guard: "credentials" }]);
  });

  it("because the instance is not there leaves the rest to the listings", () => {
    expect(settled([DELETING], DELETE, rejected("notFound")).rows).toMatchObject([
      { phase: "deleting", nextAttemptAt: NOW + 60_000 },
    ]);
  });
});

describe("a create whose row has moved on", () => {
  it("is done without moving it again", () => {
    const started = aRow({ phase: "starting", command: 42, attempts: 1 });

    expect(settled([started], CREATE, DONE).rows).toMatchObject([
      { phase: "starting", command: null, attempts: 0 },
    ]);
  });

  it.each(["notNow", "credentials", "quota"] as const)(
    "is refused as %s without a row to write",
    (rejection) => {
      expect(settled([], CREATE, rejected(rejection)).rows).toEqual([]);
    },
  );
});

describe("a hold that AWS's refusal begins", () => {
  it("leaves the holds of other guards", () => {
    const holds = [aHold("failedBoots"), aHold("rejected")];

    const { state } = settled([CREATING], CREATE, rejected("quota"), { holds });

    expect(state.holds?.map(({ guard }) => guard)).toEqual(["failedBoots", "rejected", "quota"]);
    expect(state.holds?.at(-1)).toMatchObject({ since: NOW, detail: words("quota") });
  });

  it("leaves the other zones that lack capacity", () => {
    const holds = [aHold("zoneCapacity", { subject: "ap-northeast-2c", since: NOW - 9 })];

    const { state } = settled([CREATING], CREATE, rejected("zoneCapacity"), { holds });

    expect(state.holds).toMatchObject([
      { subject: "ap-northeast-2c", since: NOW - 9 },
      { subject: "ap-northeast-2a", since: NOW },
    ]);
  });
});

describe("the event of a refused create", () => {
  it("names all of its instances, and is not told as that of the first", () => {
    const [event] = settled(
      [CREATING],
      aCreate("media-k3-1", "media-k3-2"),
      rejected("invalid"),
    ).events;

    expect(event).toMatchObject({
      instance: null,
      message: "create of media-k3-1, media-k3-2: Code: no",
      data: { command: 42, names: ["media-k3-1", "media-k3-2"] },
    });
  });
});

describe("the last error of a row", () => {
  it("says in plain words why it waits", () => {
    const error = (told: Told) => settled([CREATING], CREATE, told).rows[0]?.lastError;

    expect(error(THROTTLED)).toBe("throttled by AWS: ThrottlingException");
    expect(error(UNKNOWN)).toBe("timed out");
    expect(unheard(aCommand(CREATE))).toMatchObject({
      message: "the Worker stopped before it heard the outcome",
    });
  });
});

describe("a create that was carried out", () => {
  it("is told, and so are ports", () => {
    expect(settled([CREATING], CREATE, DONE).events).toEqual([
      {
        kind: "created",
        instance: CREATING.name,
        message: "media-k3-1 was created in ap-northeast-2a",
        data: { command: 42, requestId: null },
      },
    ]);
    expect(settled([CONFIGURING], PORTS, DONE).events).toMatchObject([
      { kind: "configured", instance: CONFIGURING.name, data: { command: 42 } },
    ]);
  });

  it("is told with AWS's own number of the request", () => {
    const told = { kind: "done", requestId: "855299fb" } as const;

    expect(settled([CREATING], CREATE, told).events).toMatchObject([
      { data: { command: 42, requestId: "855299fb" } },
    ]);
  });
});

describe("a delete that AWS accepted", () => {
  it("is told, and is not the end of the instance", () => {
    const told = { kind: "done", requestId: "855299fb" } as const;
    const moves = settled([DELETING], DELETE, told);

    expect(moves.rows).toMatchObject([{ phase: "deleting" }]);
    expect(moves.events).toEqual([
      {
        kind: "accepted",
        instance: DELETING.name,
        message: "AWS accepted the delete of media-k3-1",
        data: { command: 42, requestId: "855299fb" },
      },
    ]);
  });
});

describe("tags that were put", () => {
  const tagging = aRow({ command: 42, attempts: 1, tagsHash: null });
  const put = { "lightfleet:owner": "default/media" };
  const action = {
    kind: "tags",
    name: tagging.name,
    arn: "arn:media-k3-1",
    put,
    remove: [],
    tagsHash: "new",
  } as const;

  it("are remembered by their hash, and told", () => {
    const moves = settled([tagging], action, DONE);

    expect(moves.rows).toMatchObject([{ phase: "ready", command: null, tagsHash: "new" }]);
    expect(moves.events).toMatchObject([{ kind: "configured", data: { command: 42 } }]);
  });

  it("are put again where it is not known whether they are there", () => {
    expect(settled([tagging], action, UNKNOWN).rows).toMatchObject([
      { command: null, tagsHash: null, nextAttemptAt: MAYBE_UNTIL, mayExist: false },
    ]);
  });
});

describe("a server that was told to drain", () => {
  const telling = aRow({ phase: "draining", command: 42, drainTold: true });
  const { health } = aState().spec;
  const action = {
    kind: "drain",
    verb: "drain",
    name: telling.name,
    address: "203.0.113.7",
    health,
  } as const;

  it("is told again after a while, unless it says so itself", () => {
    const moves = settled([telling], action, DONE);

    expect(moves.rows).toMatchObject([
      { saysDraining: false, command: null, nextAttemptAt: NOW + 15_000 },
    ]);
    expect(moves.events).toMatchObject([
      { kind: "accepted", message: "media-k3-1 was told to drain", data: { verb: "drain" } },
    ]);
  });

  it("keeps draining though it refuses", () => {
    expect(settled([telling], action, rejected("other")).rows).toMatchObject([
      { phase: "draining", command: null, drainTold: true },
    ]);
  });
});
