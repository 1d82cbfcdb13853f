/** What the chart marks beside the numbers, out of the events: boundaries, overrides, and guards that bound. */
import type { EventView } from "./views.ts";

/** A stretch of time; both ends are the same for a moment, and a missing end is still to come. */
export interface Mark {
  readonly kind: "boundary" | "override" | "guard";
  readonly name: string;
  readonly note: string;
  readonly from: number;
  readonly until: number | null;
}

/** An event as the ledger holds it. */
export type Told = Pick<EventView, "kind" | "message" | "data"> & { readonly at: number };

/** By events in their order, oldest first. `binding` are the guards that bind now. */
export function marksOf(events: readonly Told[], binding: ReadonlySet<string>): Mark[] {
  const boundaries = events.filter(({ kind }) => kind === "boundary").map(boundaryOf);
  return [...boundaries, ...overridesOf(events), ...guardsOf(events, binding)].toSorted(
    (one, other) => one.from - other.from,
  );
}

function boundaryOf({ at, message, data }: Told): Mark {
  const moment = typeof data["at"] === "number" ? data["at"] : at;
  const name = textOf(data["name"]);
  return { kind: "boundary", name, note: message, from: moment, until: moment };
}

/** One is told when it is booked, with its ends; and when a person ends it, by its id, or all that rule. */
function overridesOf(events: readonly Told[]): Mark[] {
  const booked: { id: string; mark: Mark }[] = [];
  for (const { kind, at, message, data } of events) {
    if (kind !== "override") continue;
    const { id, from, until, expression } = data;
    if (typeof id === "string" && typeof from === "number" && typeof until === "number") {
      const name = textOf(expression);
      booked.push({ id, mark: { kind: "override", name, note: message, from, until } });
      continue;
    }
    for (const [index, { id: each, mark }] of booked.entries()) {
      const isMeant = id === undefined ? mark.from <= at : each === id;
      if (!isMeant || mark.until === null || mark.until <= at) continue;
      booked[index] = { id: each, mark: { ...mark, until: at } };
    }
  }
  // One that was ended before it began never ruled.
  return booked.map(({ mark }) => mark).filter(({ from, until }) => until === null || until > from);
}

/** The event of a beginning has the numbers of the guard, that of an end has not. */
function guardsOf(events: readonly Told[], binding: ReadonlySet<string>): Mark[] {
  const marks: Mark[] = [];
  const open = new Map<string, Mark>();
  for (const { kind, at, message, data } of events) {
    if (kind !== "guard") continue;
    const name = textOf(data["guard"]);
    const begun = open.get(name);
    if ("value" in data)
      open.set(name, begun ?? { kind: "guard", name, note: message, from: at, until: null });
    else if (begun !== undefined) {
      open.delete(name);
      marks.push({ ...begun, until: at });
    }
  }
  // An object that began anew in between did not see the end: then only the beginning is known.
  for (const mark of open.values())
    marks.push(binding.has(mark.name) ? mark : { ...mark, until: mark.from });
  return marks;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
