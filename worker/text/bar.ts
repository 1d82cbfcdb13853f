/** Counts as a bar of signs. */
import type { Counts } from "../../durable/rules/views.ts";

const CELLS_MAX = 40;
const SPARES_CELLS = 20;

const SIGNS: Readonly<Record<Exclude<keyof Counts, "total">, string>> = {
  idle: ".",
  busy: "#",
  unknown: "?",
  launching: "+",
  waiting: "~",
  draining: "-",
  deleting: "x",
};
const CLASSES = Object.keys(SIGNS) as (keyof typeof SIGNS)[];

/** How much of what is wanted is there. */
export function sparesBar(spares: number, wanted: number): string {
  const share = wanted === 0 ? 1 : Math.min(1, spares / wanted);
  // Rounded down: a bar that looks full is full.
  const full = Math.floor(share * SPARES_CELLS);
  return `[${"=".repeat(full)}${" ".repeat(SPARES_CELLS - full)}]`;
}

/** One sign for each server, or for a share of them where there are too many. */
export function serversBar(counts: Counts): string {
  const there = CLASSES.filter((each) => counts[each] > 0);
  const total = there.reduce((sum, each) => sum + counts[each], 0);
  const perCell = Math.max(1, total / CELLS_MAX);
  const cells = there.map((each) => ({
    sign: SIGNS[each],
    // What is there is seen, were it one of a thousand.
    length: Math.max(1, Math.round(counts[each] / perCell)),
  }));
  const excess = cells.reduce((sum, { length }) => sum + length, 0) - CELLS_MAX;
  const widest = Math.max(0, ...cells.map(({ length }) => length));
  const shortened = cells.findIndex(({ length }) => length === widest);
  const signs = cells.map(({ sign, length }, index) =>
    sign.repeat(index === shortened && excess > 0 ? length - excess : length),
  );
  return `[${signs.join("")}]`;
}

/** What the signs mean, with the counts. */
export function legend(counts: Counts): string[] {
  return CLASSES.filter((each) => counts[each] > 0).map(
    (each) => `${SIGNS[each]} ${counts[each]} ${each}`,
  );
}
