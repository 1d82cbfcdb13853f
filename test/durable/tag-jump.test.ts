/** One slip in the tag must not launch two hundred servers: through the engine over real SQL. */
import { describe, expect, it } from "vitest";
import { configure } from "../../durable/operate.ts";
import { book, judgeTag } from "../../durable/operate-target.ts";
import { targetOfState } from "../../durable/report.ts";
import type { TagReading } from "../../durable/rules/world.ts";
import {
  aFleet as theFleet,
  eventsOf,
  type Fleet,
  given,
  OLGA,
  respec,
  restart,
  stateOf,
  tick,
  wanted,
} from "./fleet-builder.ts";
import { MINUTE_MS } from "./rules/builders.ts";
import { TAG } from "./rules/schedule-builders.ts";

const SPEC = {
  spares: { default: "2", tag: TAG, max: 200 },
  limits: { maxInstances: 300, maxLaunchesPerTick: 50 },
} as const;

/** What the tag says in one tick. */
function reads(fleet: Fleet, value: string | null): void {
  const at = fleet.now + 5_000;
  const tag: TagReading = value === null ? { kind: "missing", at } : { kind: "value", value, at };
  tick(fleet, { tag });
}

/** A fleet whose tag says five. */
function aFleet(): Fleet {
  const fleet = theFleet(SPEC);
  reads(fleet, "5");
  return fleet;
}

function ruling(fleet: Fleet): string {
  const { source, expression, spares } = targetOfState(stateOf(fleet));
  return `${source} ${expression}: ${spares}`;
}

function noteOfTag(fleet: Fleet): string {
  const { chain } = targetOfState(stateOf(fleet));
  return chain.find(({ source }) => source === "tag")?.note ?? "";
}

function judged(fleet: Fleet, verdict: "confirm" | "refuse", expression: string) {
  const words = { verdict, expression, reason: "I know it" };
  return judgeTag(fleet.engine, words, OLGA, given(fleet));
}

function alertsOf({ engine }: Fleet): string[] {
  return engine.alerts.filter(({ severity }) => severity !== null).map(({ what }) => what);
}

function messages(fleet: Fleet): string[] {
  return eventsOf(fleet, "tag").map(({ message }) => String(message));
}

describe("a tag of 9999 by a slip of the finger", () => {
  it("launches nothing: it is above spares.max, is refused, and the last good value goes on", () => {
    const fleet = aFleet();

    reads(fleet, "9999");

    expect(ruling(fleet)).toBe("tag 5: 5");
    expect(noteOfTag(fleet)).toContain("says `9999`, which is above spares.max (200)");
    expect(messages(fleet).at(-1)).toBe(
      "the tag is 9999 spares, above spares.max (200); 5 goes on ruling",
    );
    expect(alertsOf(fleet)).toEqual([
      'The target in the tag is not taken, for it is above spares.max (200): 여유_서버_목표치 on key-0abc1234 says "9999".',
    ]);
  });

  it("falls through to the next source once a person blanks or deletes it", () => {
    for (const blank of ["", "  ", null]) {
      const fleet = aFleet();
      reads(fleet, "9999");

      reads(fleet, blank);

      expect(ruling(fleet)).toBe("default 2: 2");
      expect(messages(fleet).at(-1)).toBe("the tag has no value any more; the next source rules");
    }
  });

  it("rules after all where an operator raises spares.max above it", () => {
    const fleet = aFleet();
    reads(fleet, "250");
    expect(ruling(fleet)).toBe("tag 5: 5");

    respec(fleet, { ...SPEC, spares: { ...SPEC.spares, max: 300 } });
    reads(fleet, "250");
    expect(targetOfState(stateOf(fleet)).heldTag?.expression).toBe("250");
  });
});

describe("a jump of the tag", () => {
  it("is held for two minutes and told at once, and rules when nobody has refused it", () => {
    const fleet = aFleet();

    reads(fleet, "100");

    expect(ruling(fleet)).toBe("tag 5: 5");
    expect(noteOfTag(fleet)).toContain("says `100`, which is a jump and is held");
    expect(targetOfState(stateOf(fleet)).heldTag).toEqual({
      expression: "100",
      since: new Date(fleet.now).toISOString(),
      rulesAt: new Date(fleet.now + 2 * MINUTE_MS).toISOString(),
    });
    expect(messages(fleet).at(-1)).toContain("the tag says 100, more than 3 times what ruled");
    expect(alertsOf(fleet)).toHaveLength(1);
    expect(alertsOf(fleet)[0]).toContain('says "100", which is more than 3 times what ruled');
    for (let tickNumber = 0; tickNumber < 23; tickNumber += 1) reads(fleet, "100");
    expect(ruling(fleet)).toBe("tag 5: 5");
    reads(fleet, "100");
    expect(ruling(fleet)).toBe("tag 100: 100");
    expect(messages(fleet).at(-1)).toBe(
      "the tag has said 100 for 2 minutes, and nobody refused it: it rules now",
    );
    expect(eventsOf(fleet, "tag")).toHaveLength(3);
  });

  it("rules at once where a person confirms it, by the name of the one who did", () => {
    const fleet = aFleet();
    reads(fleet, "100");

    expect(judged(fleet, "confirm", "100")).toMatchObject({ spares: 100, heldTag: null });

    reads(fleet, "100");
    expect(ruling(fleet)).toBe("tag 100: 100");
    expect(eventsOf(fleet, "tag").at(-1)).toMatchObject({
      actor: "olga",
      message: "the held value 100 of the tag was confirmed, and rules now: I know it",
    });
  });

  it("never rules where a person refuses it, however long the tag says it, through a restart", () => {
    const fleet = aFleet();
    reads(fleet, "100");

    expect(judged(fleet, "refuse", "100")).toMatchObject({ spares: 5, heldTag: null });

    restart(fleet);
    for (let tickNumber = 0; tickNumber < 40; tickNumber += 1) reads(fleet, "100");
    expect(ruling(fleet)).toBe("tag 5: 5");
    expect(noteOfTag(fleet)).toContain("says `100`, which olga refused");
    reads(fleet, "8");
    expect(ruling(fleet)).toBe("tag 8: 8");
  });

  it("goes on waiting through a restart, and no longer than it would have", () => {
    const fleet = aFleet();
    reads(fleet, "100");
    fleet.now += MINUTE_MS;

    restart(fleet);
    reads(fleet, "100");

    expect(ruling(fleet)).toBe("tag 5: 5");
    fleet.now += MINUTE_MS;
    reads(fleet, "100");
    expect(ruling(fleet)).toBe("tag 100: 100");
  });

  it("is over where the tag is set right, or to another jump, which has its own two minutes", () => {
    const fleet = aFleet();
    reads(fleet, "100");
    fleet.now += MINUTE_MS;
    reads(fleet, "120");
    fleet.now += MINUTE_MS;
    reads(fleet, "120");
    expect(ruling(fleet)).toBe("tag 5: 5");

    reads(fleet, "6");

    expect(ruling(fleet)).toBe("tag 6: 6");
    expect(targetOfState(stateOf(fleet)).heldTag).toBeNull();
  });

  it("is none up to the factor, below ten more, downwards, or at the first word of a tag", () => {
    const first = theFleet(SPEC);
    reads(first, "150");
    expect(ruling(first)).toBe("tag 150: 150");

    const fleet = aFleet();
    for (const [said, rules] of [
      ["15", "15"],
      ["45", "45"],
      ["1", "1"],
      ["10", "10"],
      ["31", "10"],
    ] as const) {
      reads(fleet, said);
      expect(ruling(fleet), said).toBe(`tag ${rules}: ${rules}`);
    }
  });

  it("is measured by the next source where the tag had no value", () => {
    const fleet = aFleet();
    reads(fleet, null);

    reads(fleet, "50");

    expect(ruling(fleet)).toBe("default 2: 2");
    expect(targetOfState(stateOf(fleet)).heldTag?.expression).toBe("50");
  });

  it("cannot be confirmed by the name of another value, or where none is held", () => {
    const fleet = aFleet();
    expect(judged(fleet, "confirm", "100")).toMatchObject({ refused: { status: 409 } });
    reads(fleet, "100");

    expect(judged(fleet, "confirm", "120")).toMatchObject({
      refused: {
        status: 409,
        detail: expect.stringContaining("it is `100` that is held") as string,
      },
    });
    expect(ruling(fleet)).toBe("tag 5: 5");
  });
});

describe("an override above spares.max", () => {
  it("is refused and said, and one at it is booked", () => {
    const fleet = aFleet();
    const booked = (expression: string) =>
      book(
        fleet.engine,
        { expression, fromMs: null, untilMs: null, expiresInSeconds: 600, reason: "final" },
        OLGA,
        given(fleet),
      );

    for (const expression of ["201", "201+10%", "total:201", "9999"])
      expect(booked(expression), expression).toMatchObject({
        refused: { status: 409, title: "The value is above spares.max" },
      });
    expect(eventsOf(fleet, "override")).toEqual([]);
    expect(booked("200")).toMatchObject({ target: { spares: 200, source: "override" } });
  });
});

describe("the reply to a spec", () => {
  it("says what it begins to do", () => {
    const fleet = theFleet({ spares: { default: "2" } });
    const begun = respecReply(fleet, { spares: { default: "8" } });

    expect(begun).toBe(
      "From the next tick on it launches 8 servers for 8 spares (default: 8). It never has more than 100 servers. limits.maxMonthlyUsd sets no limit to what a month may cost.",
    );
    expect(respecReply(fleet, { mode: "observe" })).toContain("Nothing is changed");
  });
});

function respecReply(fleet: Fleet, spec: Parameters<typeof wanted>[0]): string {
  const applied = configure(fleet.engine, wanted(spec), OLGA, given(fleet));
  if ("refused" in applied) throw new Error(applied.refused.detail);
  return applied.begins;
}
