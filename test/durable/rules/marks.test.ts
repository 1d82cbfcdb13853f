import { describe, expect, it } from "vitest";
import { type Mark, marksOf, type Told } from "../../../durable/rules/marks.ts";

const NOBODY: ReadonlySet<string> = new Set();

function told(kind: string, at: number, data: Told["data"], message = "said"): Told {
  return { kind, at, message, data };
}

function ends(marks: readonly Mark[]): unknown[] {
  return marks.map(({ name, from, until }) => [name, from, until]);
}

describe("a boundary", () => {
  it("is a moment: its own, not that of the tick that saw it", () => {
    const [mark] = marksOf([told("boundary", 103, { at: 100, name: "morning" })], NOBODY);

    expect(mark).toEqual({
      kind: "boundary",
      name: "morning",
      note: "said",
      from: 100,
      until: 100,
    });
  });
});

describe("an override", () => {
  const booked = (id: string, at: number, from: number, until: number): Told =>
    told("override", at, { id, from, until, expression: "20" });

  it("lasts from its beginning to its end", () => {
    expect(ends(marksOf([booked("a", 10, 50, 90)], NOBODY))).toEqual([["20", 50, 90]]);
  });

  it("ends when it is ended by its id", () => {
    const events = [
      booked("a", 10, 10, 90),
      booked("b", 11, 11, 90),
      told("override", 40, { id: "a" }),
    ];

    expect(ends(marksOf(events, NOBODY))).toEqual([
      ["20", 10, 40],
      ["20", 11, 90],
    ]);
  });

  it("ends when all that rule are ended; those that are booked for later do not", () => {
    const events = [booked("a", 10, 10, 90), booked("b", 11, 60, 90), told("override", 40, {})];

    expect(ends(marksOf(events, NOBODY))).toEqual([
      ["20", 10, 40],
      ["20", 60, 90],
    ]);
  });

  it("never was where it was ended before it began", () => {
    expect(marksOf([booked("a", 10, 50, 90), told("override", 40, { id: "a" })], NOBODY)).toEqual(
      [],
    );
  });

  it("that was over already does not end once more", () => {
    expect(ends(marksOf([booked("a", 10, 10, 30), told("override", 40, {})], NOBODY))).toEqual([
      ["20", 10, 30],
    ]);
  });
});

describe("a guard", () => {
  const begins = (at: number): Told =>
    told("guard", at, { guard: "maxInstances", value: 5, limit: 5 });
  const isOver = (at: number): Told => told("guard", at, { guard: "maxInstances" });

  it("lasts from its beginning to its end, and may come again", () => {
    expect(ends(marksOf([begins(10), isOver(20), begins(30), isOver(40)], NOBODY))).toEqual([
      ["maxInstances", 10, 20],
      ["maxInstances", 30, 40],
    ]);
  });

  it("has no end while it binds, though an object that began anew told its beginning twice", () => {
    expect(ends(marksOf([begins(10), begins(30)], new Set(["maxInstances"])))).toEqual([
      ["maxInstances", 10, null],
    ]);
  });

  it("whose end nobody saw is a moment", () => {
    expect(ends(marksOf([begins(10)], NOBODY))).toEqual([["maxInstances", 10, 10]]);
  });

  it("whose beginning nobody saw is no mark", () => {
    expect(marksOf([isOver(20)], NOBODY)).toEqual([]);
  });
});
