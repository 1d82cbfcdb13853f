/**
 * I9, of what is missing: one listing that lacks an instance says nothing. What we deleted is gone when
 * two lacked it, anything else is lost when it has been so for a minute, and given up ten minutes later,
 * for it may come back and be billed. The oracle looks at what AWS
 * holds whenever the fleet lists; a listing that was wrong is not judged.
 */
import type { SimEvent } from "../event.ts";
import type { Check, Truth } from "./invariant.ts";
import { ListingFaults } from "./listing-faults.ts";
import { type Moment, momentOf, mostAge } from "./sightings.ts";

/** Said here once more: a limit that went wrong must not take its judge with it. */
const ABSENT_APART_MS = 60_000;
const LOST_FOR_MS = 600_000;
const LISTINGS_THAT_SHOW = 2;
/** A listing begins so much before its call is carried out. */
const SLACK_MS = 15_000;

interface Absence extends Moment {
  readonly listings: number;
}

export function absenceIsSeenTwice(): Check {
  const faults = new ListingFaults();
  const absences = new Absences();
  const lostSince = new Map<string, Moment>();
  return (event, truth) => {
    faults.follow(event, truth);
    absences.follow(event, truth);
    if (event.kind !== "commit") return null;
    let found: string | null = null;
    for (const { name, from, to } of event.moves) {
      if (to === "gone" && from === "deleting") found ??= absences.goneProblem(name);
      if (to === "lost") found ??= absences.lostProblem(name, truth);
      absences.moved(name, to);
      const since = lostSince.get(name);
      if (to === "lost") lostSince.set(name, momentOf(truth));
      else lostSince.delete(name);
      if (to === "gone" && since !== undefined && mostAge(since, momentOf(truth)) < LOST_FOR_MS)
        return `${name} is given up, though it was lost a moment ago`;
    }
    return faults.areRecent(truth) ? null : found;
  };
}

class Absences {
  readonly #live = new Set<string>();
  /** Since the object's last death: it counts in memory. */
  readonly #missing = new Map<string, Absence>();

  follow(event: SimEvent, truth: Truth): void {
    if (event.kind === "crash") this.#missing.clear();
    if (event.kind === "stateLost") this.#live.clear();
    if (event.kind !== "call" || event.by !== "fleet" || event.op !== "GetInstances") return;
    if (event.outcome !== "ok") return;
    const held = new Set(truth.held().map(({ name }) => name));
    for (const name of this.#live) {
      const before = this.#missing.get(name) ?? { ...momentOf(truth), listings: 0 };
      if (held.has(name)) this.#missing.delete(name);
      else this.#missing.set(name, { ...before, listings: before.listings + 1 });
    }
  }

  moved(name: string, to: string): void {
    if (to === "gone") {
      this.#live.delete(name);
      this.#missing.delete(name);
    } else this.#live.add(name);
  }

  goneProblem(name: string): string | null {
    const listings = this.#missing.get(name)?.listings ?? 0;
    return listings >= LISTINGS_THAT_SHOW ? null : `${name} is gone after ${listings} listings`;
  }

  lostProblem(name: string, truth: Truth): string | null {
    const absence = this.#missing.get(name);
    const missingMs = absence === undefined ? 0 : mostAge(absence, momentOf(truth));
    return missingMs >= ABSENT_APART_MS - SLACK_MS
      ? null
      : `${name} is called lost after ${missingMs} ms`;
  }
}
