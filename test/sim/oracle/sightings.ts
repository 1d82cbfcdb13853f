/**
 * What the oracle itself saw of the media servers. Ages are told by the true clock and by the object's,
 * whichever makes them kinder to the fleet: it cannot know of a fault of its own clock.
 */
import type { SimEvent } from "../event.ts";
import type { Truth } from "./invariant.ts";

/** A moment by both clocks. */
export interface Moment {
  readonly trueAt: number;
  readonly objectAt: number;
}

export interface Sighting extends Moment {
  readonly said: number | null;
  /** By the server's own word. */
  readonly draining: boolean;
}

const KEPT = 8;

export type ProbeEvent = Extract<SimEvent, { kind: "probe" }>;
export type CommitEvent = Extract<SimEvent, { kind: "commit" }>;
export type CallEvent = Extract<SimEvent, { kind: "call" }>;

export class Sightings {
  readonly #byName = new Map<string, Sighting[]>();

  add({ name, startedAt, said, draining }: ProbeEvent, truth: Truth): void {
    const seen = this.#byName.get(name) ?? [];
    const objectAt = startedAt + truth.objectNow - truth.now;
    seen.push({ trueAt: startedAt, objectAt, said, draining });
    if (seen.length > KEPT) seen.shift();
    this.#byName.set(name, seen);
  }

  /** The last ones, oldest first. */
  of(name: string): readonly Sighting[] {
    return this.#byName.get(name) ?? [];
  }
}

export function momentOf(truth: Truth): Moment {
  return { trueAt: truth.now, objectAt: truth.objectNow };
}

/** The least time that has passed since. */
export function leastAge(since: Moment, until: Moment): number {
  return Math.min(until.trueAt - since.trueAt, until.objectAt - since.objectAt);
}

/** The most time that has passed since. */
export function mostAge(since: Moment, until: Moment): number {
  return Math.max(until.trueAt - since.trueAt, until.objectAt - since.objectAt);
}

/** A call of the fleet that AWS carried out, or null. */
export function carriedOut(event: SimEvent): CallEvent | null {
  return event.kind === "call" && event.by === "fleet" && event.hadEffect ? event : null;
}

export function isCreate({ op }: CallEvent): boolean {
  return op === "CreateInstances" || op === "CreateInstancesFromSnapshot";
}
