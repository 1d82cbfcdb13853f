interface Entry<T> {
  readonly at: number;
  readonly value: T;
}

/**
 * A value over time. What holds at a moment is the last entry at or before it, so the model needs no timers:
 * what will happen is written down when it is decided, and comes true as the clock passes it.
 * It also answers for the past, which is what a stale listing is.
 */
export class Timeline<T> {
  readonly #entries: Entry<T>[];

  constructor(at: number, value: T) {
    this.#entries = [{ at, value }];
  }

  /** From `at` on it is `value`; whatever was planned for later is called off. */
  set(at: number, value: T): void {
    while (this.#last.at > at && this.#entries.length > 1) this.#entries.pop();
    this.#entries.push({ at, value });
  }

  /** After all that is already planned, it becomes `value` at `at`. */
  plan(at: number, value: T): void {
    if (at < this.#last.at) throw new Error("a plan must come after the last entry");
    this.#entries.push({ at, value });
  }

  /** What holds at `at`; before the first entry, the first value. */
  at(at: number): T {
    return this.entryAt(at).value;
  }

  /** The entry that holds at `at`: its value, and since when. */
  entryAt(at: number): Entry<T> {
    for (let index = this.#entries.length - 1; index > 0; index--) {
      const entry = this.#entries[index];
      if (entry !== undefined && entry.at <= at) return entry;
    }
    return this.#first;
  }

  /** Since when everything up to `at` has been as `holds` says without a break, or null if it is not so at `at`. */
  since(at: number, holds: (value: T) => boolean): number | null {
    let since: number | null = null;
    for (const entry of this.#entries) {
      if (entry.at > at) break;
      since = holds(entry.value) ? (since ?? entry.at) : null;
    }
    return since;
  }

  /** When it next changes after `at`, as far as that is planned; infinity if it does not. */
  nextAfter(at: number): number {
    return this.#entries.find((entry) => entry.at > at)?.at ?? Number.POSITIVE_INFINITY;
  }

  get #first(): Entry<T> {
    const first = this.#entries[0];
    if (first === undefined) throw new Error("a timeline is never empty");
    return first;
  }

  get #last(): Entry<T> {
    return this.#entries[this.#entries.length - 1] ?? this.#first;
  }
}
