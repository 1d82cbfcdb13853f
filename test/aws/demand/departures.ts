/** A session that lives on a host until `endsAtMs`. */
export interface Session {
  readonly id: number;
  readonly host: string;
  readonly endsAtMs: number;
}

/** Sessions by the time they end, soonest first: a binary heap. */
export class Departures {
  readonly #heap: Session[] = [];

  /** When the next session ends; Infinity when there is none. */
  get nextAtMs(): number {
    return this.#heap[0]?.endsAtMs ?? Number.POSITIVE_INFINITY;
  }

  add(session: Session): void {
    const heap = this.#heap;
    let index = heap.push(session) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) break;
      this.#swap(index, parent);
      index = parent;
    }
  }

  /** Takes out the session that ends first. */
  take(): Session | undefined {
    const heap = this.#heap;
    this.#swap(0, heap.length - 1);
    const first = heap.pop();
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const sooner = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#isBefore(sooner, index)) return first;
      this.#swap(index, sooner);
      index = sooner;
    }
  }

  #isBefore(index: number, other: number): boolean {
    const [a, b] = [this.#heap[index], this.#heap[other]];
    if (a === undefined || b === undefined) return false;
    return a.endsAtMs < b.endsAtMs || (a.endsAtMs === b.endsAtMs && a.id < b.id);
  }

  #swap(index: number, other: number): void {
    const [a, b] = [this.#heap[index], this.#heap[other]];
    if (a === undefined || b === undefined) return;
    this.#heap[index] = b;
    this.#heap[other] = a;
  }
}
