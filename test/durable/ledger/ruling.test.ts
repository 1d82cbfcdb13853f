/** What rules, its way into the tag, and the measured lead: in the tables, through restarts and outages. */
import { describe, expect, it } from "vitest";
import { readRuling, writeRuling } from "../../../durable/ledger/ruling.ts";
import type { Boundary, Ruling, TagWrite } from "../../../durable/rules/model.ts";
import { leadMs } from "../../../durable/rules/coming.ts";
import { targetOfState } from "../../../durable/report.ts";
import type { Command, Outcome, TagReading } from "../../../durable/rules/world.ts";
import { migrate } from "../../../durable/ledger/migrations.ts";
import { nodeSql } from "../../virtual/node-sql.ts";
import { aFleet, eventsOf, type Fleet, respec, restart, stateOf, tick } from "../fleet-builder.ts";
import { aCloudInstance, aRuling, complete, MINUTE_MS, SECOND_MS } from "../rules/builders.ts";
import { aBoundary, aConcert, aWrite, TAG } from "../rules/schedule-builders.ts";

const HOUR_MS = 60 * MINUTE_MS;
/** A minute before nine in the morning in Seoul, of a Monday. */
const BEFORE_NINE = Date.parse("2026-11-30T08:59:00+09:00");
const SCHEDULE = {
  schedule: [
    { name: "morning", cron: "0 9 * * *", timezone: "Asia/Seoul", spares: "20", until: null },
    { name: "night", cron: "0 22 * * *", timezone: "Asia/Seoul", spares: "3", until: null },
  ],
};
const SPARES = { default: "1", tag: TAG, ...SCHEDULE };

/** A fleet that has lived through the night, and whose tag says three. */
function beforeNine(spares: object = SPARES): Fleet {
  const fleet = aFleet({ mode: "observe", spares }, BEFORE_NINE - 10 * SECOND_MS);
  tick(fleet, { tag: said(fleet, "3") });
  respec(fleet, { spares });
  return fleet;
}

function said(fleet: Fleet, value: string): TagReading {
  return { kind: "value", value, at: fleet.now + 4_000 };
}

function ruling(fleet: Fleet): string {
  const { source, expression } = targetOfState(stateOf(fleet));
  return `${source} ${expression}`;
}

function told(fleet: Fleet): string[] {
  return eventsOf(fleet, "boundary").map(({ message }) => String(message));
}

function writesOf(commands: readonly Command[]): string[] {
  return commands.flatMap(({ action }) => (action.kind === "targetTag" ? [action.value] : []));
}

function refused({ number }: Command): Outcome {
  const words = { code: "UnauthorizedOperation", message: "no", requestId: null } as const;
  return { number, calls: [], kind: "rejected", rejection: "credentials", ...words };
}

describe("the tables of what rules", () => {
  const kept = (ruling: Ruling): Ruling | null => {
    const sql = nodeSql();
    migrate(sql, 0);
    writeRuling(sql, ruling);
    return readRuling(sql);
  };

  it("are empty before the first tick of a ledger", () => {
    const sql = nodeSql();
    migrate(sql, 0);

    expect(readRuling(sql)).toBeNull();
  });

  it.each<[string, Boundary | null]>([
    ["none", null],
    ["an ordinary one", aBoundary()],
    ["a special day", aConcert({ dst: "skipped" })],
    [
      "the end of one, after which nothing holds",
      aConcert({ edge: "ends", value: null, special: false }),
    ],
    ["one whose time comes twice", aBoundary({ dst: "repeated" })],
  ])("give back the boundary that was written: %s", (_what, boundary) => {
    const ruling = aRuling({ boundary });

    expect(kept(ruling)).toEqual(ruling);
  });

  it.each<[string, TagWrite]>([
    ["new", aWrite()],
    ["of a tag that was missing, or never read", aWrite({ before: [null], value: "10+20%" })],
    ["under way", aWrite({ before: [], command: 7, triedAt: 8, attempts: 2, nextAttemptAt: 9 })],
    ["refused", aWrite({ lastError: 'AWS said "no"' })],
    ["read back", aWrite({ writtenAt: 1, readBackAt: 2 })],
  ])("give back the write: %s", (_what, write) => {
    const ruling = aRuling({ boundary: aBoundary(), write });

    expect(kept(ruling)).toEqual(ruling);
  });

  it("forget a write that is over", () => {
    const sql = nodeSql();
    migrate(sql, 0);
    writeRuling(sql, aRuling({ write: aWrite() }));

    writeRuling(sql, aRuling());

    expect(readRuling(sql)?.write).toBeNull();
  });
});

describe("a boundary", () => {
  it("is applied once, though the object dies after every tick", () => {
    const fleet = beforeNine();

    for (let index = 0; index < 40; index += 1) {
      tick(fleet, { tag: said(fleet, "3"), outcome: refused });
      restart(fleet);
    }

    expect(told(fleet).slice(1)).toEqual(["morning begins: 20 spares; 20 goes into the tag"]);
    expect(ruling(fleet)).toBe("schedule 20");
  });

  it("does not rule a moment before its time", () => {
    const fleet = beforeNine();

    while (fleet.now + 5_000 < BEFORE_NINE + MINUTE_MS) tick(fleet, { tag: said(fleet, "3") });
    expect(ruling(fleet)).toBe("tag 3");
    tick(fleet, { tag: said(fleet, "3") });

    expect(ruling(fleet)).toBe("schedule 20");
  });

  it("is the newest only after an outage of three days", () => {
    const fleet = beforeNine();
    tick(fleet, { tag: said(fleet, "3") });

    fleet.now += 72 * HOUR_MS + MINUTE_MS;
    restart(fleet);
    const commands = tick(fleet, { tag: said(fleet, "3") });

    expect(told(fleet).slice(1)).toEqual(["morning begins: 20 spares; 20 goes into the tag"]);
    expect(writesOf(commands)).toEqual(["20"]);
  });

  it("is not applied again by a ledger whose clock was set back", () => {
    const fleet = beforeNine();
    fleet.now += 2 * MINUTE_MS;
    tick(fleet);
    fleet.now -= 12 * HOUR_MS;

    tick(fleet);
    restart(fleet);
    tick(fleet);
    fleet.now += 12 * HOUR_MS;
    tick(fleet);

    expect(told(fleet)).toHaveLength(2);
  });

  it("rules for as long as EC2 refuses, through restarts, and its error is kept", () => {
    const fleet = beforeNine();
    fleet.now += MINUTE_MS;

    for (let hour = 0; hour < 5; hour += 1) {
      for (let index = 0; index < 6; index += 1)
        tick(fleet, { tag: said(fleet, "3"), outcome: refused });
      restart(fleet);
      fleet.now += HOUR_MS;
    }

    expect(ruling(fleet)).toBe("schedule 20");
    expect(stateOf(fleet).ruling?.write).toMatchObject({
      before: ["3"],
      lastError: expect.stringMatching(/right/u) as unknown,
      writtenAt: null,
    });
  });

  it("rules in the ledger alone where the spec names no tag, also after a restart", () => {
    const fleet = beforeNine({ ...SPARES, tag: null });
    fleet.now += MINUTE_MS;

    const commands = tick(fleet);
    restart(fleet);

    expect(writesOf(commands)).toEqual([]);
    expect(ruling(fleet)).toBe("schedule 20");
  });
});

describe("a write of the tag", () => {
  it("whose outcome nobody heard is looked for first, and made again when it is surely over", () => {
    const fleet = beforeNine();
    fleet.now += MINUTE_MS;
    expect(writesOf(tick(fleet, { outcome: null }))).toEqual(["20"]);
    const issuedAt = fleet.now;
    restart(fleet);

    const again: number[] = [];
    for (let index = 0; index < 12; index += 1)
      if (writesOf(tick(fleet, { tag: said(fleet, "3") })).length > 0) again.push(fleet.now);

    // A command lives for 20 s, its call for 8 more; then the tag is read.
    expect(again.map((at) => at - issuedAt)).toEqual([30 * SECOND_MS]);
  });

  it("that landed though nobody heard of it is not made again", () => {
    const fleet = beforeNine();
    fleet.now += MINUTE_MS;
    tick(fleet, { outcome: null });
    restart(fleet);

    const writes: string[] = [];
    for (let index = 0; index < 30; index += 1)
      writes.push(...writesOf(tick(fleet, { tag: said(fleet, "20") })));

    expect(writes).toEqual([]);
    expect(ruling(fleet)).toBe("tag 20");
    expect(stateOf(fleet).ruling?.write).toBeNull();
  });

  it("is waited for through a restart while EC2's answers lag, and does not turn the fleet down", () => {
    const fleet = beforeNine();
    fleet.now += MINUTE_MS;
    tick(fleet, { tag: said(fleet, "3") });
    for (const value of ["3", "20", "3", "3", "20"]) {
      restart(fleet);
      tick(fleet, { tag: said(fleet, value) });
      expect(ruling(fleet)).toMatch(/ 20$/u);
    }
  });

  it("does not undo a person's word, which rules through restarts until the next boundary", () => {
    const fleet = beforeNine();
    fleet.now += MINUTE_MS;
    tick(fleet, { outcome: refused });
    const writes: string[] = [];
    for (let index = 0; index < 30; index += 1) {
      restart(fleet);
      writes.push(...writesOf(tick(fleet, { tag: said(fleet, "15") })));
    }
    expect([ruling(fleet), writes]).toEqual(["tag 15", []]);

    fleet.now += 13 * HOUR_MS;
    const evening = tick(fleet, { tag: said(fleet, "15") });

    expect([ruling(fleet), writesOf(evening)]).toEqual(["schedule 3", ["3"]]);
  });

  it("is given up where the spec names another tag", () => {
    const fleet = beforeNine();
    fleet.now += MINUTE_MS;
    tick(fleet, { outcome: refused });

    respec(fleet, { spares: { ...SPARES, tag: { ...TAG, key: "other" } } });
    restart(fleet);

    expect(writesOf(tick(fleet))).toEqual([]);
    expect(stateOf(fleet).ruling?.write).toBeNull();
    expect(ruling(fleet)).toBe("schedule 20");
  });
});

describe("the measured lead", () => {
  it("is the same after a restart", () => {
    const fleet = aFleet({ spares: { default: "3" } });
    for (let index = 0; index < 60; index += 1) {
      const { instances, template } = stateOf(fleet);
      const tags = { "lightfleet:owner": "default/media", "lightfleet:spec": template };
      const listed = [...instances.values()].map(({ name, plannedAt }) =>
        aCloudInstance({ name, template, createdAt: plannedAt, tags }),
      );
      const readings = [...instances.values()].map(({ name, revision }, place) =>
        // The second server is slow, and the third slower still.
        index < 10 * place
          ? ({ kind: "hole", name, revision, startedAt: fleet.now + 5_000, detail: "" } as const)
          : ({
              kind: "answer",
              name,
              revision,
              startedAt: fleet.now + 5_000,
              sessions: 0,
              draining: false,
            } as const),
      );
      tick(fleet, { listing: complete(listed, fleet.now + 5_000), readings });
    }
    const { leads } = stateOf(fleet);
    expect(leads).toHaveLength(3);
    expect(leads).toEqual(leads.toSorted((one, other) => one - other));

    restart(fleet);

    expect(stateOf(fleet).leads).toEqual(leads);
    expect(leadMs(stateOf(fleet))).toBe(Math.max(...leads));
  });
});
