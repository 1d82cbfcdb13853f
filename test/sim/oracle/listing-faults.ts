/** Whether listings could be trusted lately: what they lacked then, the fleet may have missed rightly. */
import type { SimEvent } from "../event.ts";
import type { Truth } from "./invariant.ts";

const SPOILT = new Set([
  "staleListing",
  "flipFlopListing",
  "partialListing",
  "emptyListing",
  "html",
  "truncated",
  "answered",
]);
/** These last for up to five minutes, and no event tells of their end. */
const RETAGGED = new Set(["tagsRemoved", "tagsGarbled"]);
const RETAGGED_MS = 310_000;
const LAG_MS = 150_000;

export class ListingFaults {
  #until = Number.NEGATIVE_INFINITY;

  follow(event: SimEvent, truth: Truth): void {
    if (event.kind !== "fault") return;
    if (SPOILT.has(event.fault)) this.#until = Math.max(this.#until, truth.now + LAG_MS);
    if (RETAGGED.has(event.fault))
      this.#until = Math.max(this.#until, truth.now + RETAGGED_MS + LAG_MS);
  }

  areRecent(truth: Truth): boolean {
    return truth.now < this.#until;
  }
}
