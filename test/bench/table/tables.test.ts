import { expect, test } from "vitest";
import { fill } from "./fill.ts";
import { figure, markdown } from "./markdown.ts";
import { tablesOf } from "./tables.ts";

const CELL = {
  bench: "makespan",
  servers: 100,
  bucket: "5+0.5",
  kind: "shared",
  costly: false,
  boundSeconds: 237,
};
const GOOD = {
  ...CELL,
  client: "lightfleet",
  makespanSeconds: 250,
  ratio: 1.055,
  ratioWorst: 1.09,
  refusalsPerInstance: 0.05,
  refusalsPerInstanceWorst: 0.06,
  deletedOnTheWay: 0,
  createdBeyond: 0,
  lookShareWhileScarce: 0.1,
};
const NEVER = { ...CELL, client: "retry-1s", ratio: null, refusalsPerInstance: 36 };

test("the clients of one cell stand in one row", () => {
  const [table = "", ...more] = tablesOf([GOOD, NEVER]).values();

  expect(more).toEqual([]);
  expect(table.split("\n")).toHaveLength(3);
  expect(table).toContain("| 100 | 5+0.5 | shared, free | 237 s | 250 s, 1.055 x | 1.09 x |");
  expect(table).toContain("never, 36");
  expect(table).not.toContain("**");
});

test("figures that miss what is asked stand in bold", () => {
  const slow = { ...GOOD, makespanSeconds: 300, ratio: 1.266, ratioWorst: null };
  const missed = { ...slow, refusalsPerInstanceWorst: 0.21, createdBeyond: 1 };
  const table = tablesOf([missed]).get("makespan");

  expect(table).toContain("| **300 s, 1.266 x** | **never** | **0.21** | **0, 1** |");
});

test("the machine is named above the table of each benchmark", () => {
  const machine = { bench: "makespan", machine: "A processor", cores: 2, node: "24.21.0" };

  const table = tablesOf([machine, GOOD]).get("makespan");
  expect(table).toMatch(/^A processor, 2 cores, Node 24\.21\.0:\n\n\|/u);
  expect(tablesOf([machine]).size).toBe(0);
});

test("numbers are shown with three digits, and thousands with a comma", () => {
  expect([1234.5, 0.012345, 20.04, null].map((value) => figure(value))).toEqual([
    "1,235",
    "0.0123",
    "20",
    "-",
  ]);
  expect(figure(12.5, " ms")).toBe("12.5 ms");
});

test("a table without rows still has its head", () => {
  expect(markdown([{ head: "a", cell: String }], [])).toBe("| a |\n| --- |");
});

test("a table takes the place of the one between its comments", () => {
  const document = "# Cost\n\n<!-- bench:cost -->\n\nold\n\n<!-- /bench:cost -->\n\nThe end.\n";

  expect(fill(document, new Map([["cost", "new"]]))).toBe(document.replace("old", "new"));
});

test("a document without a place for a table is refused", () => {
  expect(() => fill("# Cost\n", new Map([["cost", "new"]]))).toThrow("no place");
});
