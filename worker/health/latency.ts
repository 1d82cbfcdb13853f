/** How long servers take to answer: what was measured before, and what is seen in this look. */

/** Taken for the mean until anything was measured, in milliseconds. */
export const GUESS_MS = 200;
/** Nobody is slow before this. */
const SLOW_MIN_MS = 250;
/** So many answers make a mean out of nothing. */
const KNOWN_AFTER = 8;
/** What was measured before weighs as much as so many answers. */
const BEFORE_WEIGHT = 8;

export class Latency {
  #count: number;
  #sum: number;
  /** Of the distances from the mean, as TCP does it for its retransmissions. */
  #deviationSum = 0;

  /** @param beforeMs the mean of earlier looks, or null */
  constructor(beforeMs: number | null) {
    this.#count = beforeMs === null ? 0 : BEFORE_WEIGHT;
    this.#sum = (beforeMs ?? 0) * this.#count;
  }

  add(tookMs: number): void {
    this.#deviationSum += this.#count === 0 ? 0 : Math.abs(tookMs - this.meanMs);
    this.#count += 1;
    this.#sum += tookMs;
  }

  get isKnown(): boolean {
    return this.#count >= KNOWN_AFTER;
  }

  get meanMs(): number {
    return this.#count === 0 ? GUESS_MS : this.#sum / this.#count;
  }

  /** Hardly any server that answers takes longer. */
  get slowMs(): number {
    const deviation = this.#count === 0 ? 0 : this.#deviationSum / this.#count;
    return Math.max(SLOW_MIN_MS, 1.25 * this.meanMs, this.meanMs + 4 * deviation);
  }
}
