/** Whether the fleets are well, as strangers hear it: looked up at most once a second, however many ask. */

const KEPT_MS = 1_000;

export class RecentHealth {
  #ok = false;
  #lookedAt = Number.NEGATIVE_INFINITY;

  /** What was found within the last second, or what `look` finds. A clock that went back makes nothing last. */
  async isOk(now: number, look: () => Promise<boolean>): Promise<boolean> {
    const age = now - this.#lookedAt;
    if (age >= 0 && age < KEPT_MS) return this.#ok;
    this.#ok = await look();
    this.#lookedAt = now;
    return this.#ok;
  }
}
