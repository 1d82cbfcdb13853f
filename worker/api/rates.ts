/**
 * How often somebody may ask: a bucket of requests for each key, which fills again at a steady rate. It is
 * kept in the memory of the isolate, and a deployment has several of those: a bound against a client in a
 * loop, and no exact quota.
 */

/** Keys that are remembered. The one that asked longest ago is forgotten first, and begins with a full bucket. */
const KEYS_MAX = 2_000;

interface Bucket {
  readonly level: number;
  readonly at: number;
}

export class Rates {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: { readonly perSecond: number; readonly burst: number }) {
    this.#perSecond = limits.perSecond;
    this.#burst = limits.burst;
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one request; the whole seconds after which the next is allowed if there is none, else null. */
  take(key: string, now: number): number | null {
    const before = this.#buckets.get(key) ?? { level: this.#burst, at: now };
    // A clock that goes back fills nothing.
    const passedMs = Math.max(0, now - before.at);
    const level = Math.min(this.#burst, before.level + (passedMs / 1_000) * this.#perSecond);
    const left = level >= 1 ? level - 1 : level;
    // Put in anew, the key is the last that is forgotten.
    this.#buckets.delete(key);
    this.#buckets.set(key, { level: left, at: Math.max(before.at, now) });
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > KEYS_MAX && oldest !== undefined) this.#buckets.delete(oldest);
    return level >= 1 ? null : Math.max(1, Math.ceil((1 - level) / this.#perSecond));
  }
}
