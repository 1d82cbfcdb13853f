import { describe, expect, it } from "vitest";
import { sweepLeases } from "../../../durable/rules/absorb-leases.ts";
import { plan } from "../../../durable/rules/plan.ts";
import { slotsOf } from "../../../durable/rules/occupancy.ts";
import { apply, NO_MOVES } from "../../../durable/rules/state.ts";
import type { Lease } from "../../../durable/rules/model.ts";
import type { Reading } from "../../../durable/rules/world.ts";
import {
  aHoleOf,
  aLease,
  anAnswer,
  anObservation,
  aRow,
  aState,
  freshFor,
  leased,
  NOW,
} from "./builders.ts";

const ROW = aRow();
const USED = aLease({ usedAt: NOW - 2_000 });
const EXPIRED = aLease({ expiresAt: NOW - 1_000 });

/** Ids of the leases that are left after readings of a tick that begins now. */
function left(leases: readonly Lease[], readings: readonly Reading[], row = ROW): string[] {
  const state = aState({ rows: [row], ...leased(...leases) });
  return [...apply(state, sweepLeases(state, readings)).leases.values()].flat().map(({ id }) => id);
}

describe("a lease that lives", () => {
  it("is not ended by any reading", () => {
    expect(left([aLease()], [anAnswer(ROW, 0)])).toEqual(["lease-1"]);
    expect(left([aLease()], [anAnswer(ROW, 1)])).toEqual(["lease-1"]);
  });
});

describe("a used lease", () => {
  it("ends with a reading that began after it was marked, and has its session", () => {
    expect(left([USED], [anAnswer(ROW, 1)])).toEqual([]);
  });

  it("does not end with a reading that has no session: the media server may count slowly", () => {
    expect(left([USED], [anAnswer(ROW, 0)])).toEqual(["lease-1"]);
  });

  it("does not end in the tick that had begun when it was marked", () => {
    expect(left([aLease({ usedAt: NOW })], [anAnswer(ROW, 1)])).toEqual(["lease-1"]);
  });

  it("does not end with a hole, with no reading, nor with that of a row that has changed", () => {
    expect(left([USED], [aHoleOf(ROW)])).toEqual(["lease-1"]);
    expect(left([USED], [])).toEqual(["lease-1"]);
    expect(left([USED], [anAnswer(ROW, 1, { revision: ROW.revision + 1 })])).toEqual(["lease-1"]);
  });

  it("ends one by one: as many as there are sessions", () => {
    const second = { ...USED, id: "lease-2" };

    expect(left([USED, second, aLease({ id: "held" })], [anAnswer(ROW, 1)])).toEqual([
      "lease-2",
      "held",
    ]);
  });
});

describe("an expired lease", () => {
  it("ends with the first reading that began after that, whatever it says", () => {
    expect(left([EXPIRED], [anAnswer(ROW, 0)])).toEqual([]);
    expect(left([EXPIRED], [anAnswer(ROW, 1)])).toEqual([]);
  });

  it("does not end without one: its session may be there, and not seen yet", () => {
    expect(left([EXPIRED], [])).toEqual(["lease-1"]);
    expect(left([EXPIRED], [aHoleOf(ROW)])).toEqual(["lease-1"]);
  });

  it("does not end in a tick that had begun before it expired", () => {
    const state = {
      ...aState({ rows: [ROW], ...leased(aLease({ expiresAt: NOW - 1 })) }),
      beganAt: NOW - 2,
    };

    expect(sweepLeases(state, [anAnswer(ROW, 0)])).toBe(NO_MOVES);
  });

  it("ends with its server", () => {
    expect(left([EXPIRED], [], aRow({ phase: "deleting" }))).toEqual([]);
    expect(left([EXPIRED], [], aRow({ name: "media-k3-2" }))).toEqual([]);
  });

  it("is audited, whether or not it was used, with half of its id", () => {
    const both = leased(EXPIRED, { ...EXPIRED, id: "lease-2", usedAt: NOW - 5_000 });
    const state = aState({ rows: [ROW], ...both });

    expect(sweepLeases(state, [anAnswer(ROW, 1)]).events).toMatchObject([
      { kind: "lease", instance: ROW.name, data: { id: "leas…", actor: "dan" } },
      { kind: "lease", instance: ROW.name, data: { id: "leas…", actor: "dan" } },
    ]);
  });

  it("that lives on a server which is gone is kept: the server may be listed again", () => {
    expect(left([aLease({ instance: "media-k3-9" })], [])).toEqual(["lease-1"]);
  });
});

it("without leases nothing is swept", () => {
  expect(sweepLeases(aState({ rows: [ROW] }), [anAnswer(ROW, 0)])).toBe(NO_MOVES);
});

it("a session that shows takes the slot of its lease in one and the same step", () => {
  const state = aState({
    spec: { spares: { default: "0" }, health: { capacity: 2 } },
    rows: [ROW],
    memory: freshFor(ROW),
    ...leased(USED),
  });

  const after = apply(state, plan(state, anObservation({ readings: [anAnswer(ROW, 1)] })).moves);

  const row = after.instances.get(ROW.name) ?? ROW;
  expect(row.sessions).toBe(1);
  expect(slotsOf(state, ROW)).toBe(1);
  expect(slotsOf(after, row)).toBe(1);
});
