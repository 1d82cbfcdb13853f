/** Simulated time: what is due is run in order, and between two moments nothing happens. */

interface Timer {
  readonly at: number;
  /** Timers of one moment run in the order in which they were set. */
  readonly order: number;
  run: (() => void) | null;
}

export class Timers {
  readonly #heap: Timer[] = [];
  readonly #sleepers = new Map<number, (() => void)[]>();
  #now: number;
  #order = 0;

  constructor(startMs: number) {
    this.#now = startMs;
  }

  get now(): number {
    return this.#now;
  }

  /** Runs `run` at a moment; the function that it gives calls that off. */
  at(moment: number, run: () => void): () => void {
    const timer: Timer = { at: Math.max(moment, this.#now), order: this.#order++, run };
    this.#push(timer);
    return () => {
      timer.run = null;
    };
  }

  after(delayMs: number, run: () => void): () => void {
    return this.at(this.#now + delayMs, run);
  }

  /** Sleepers of one moment wake together: thirty probes cost one timer. */
  async sleep(delayMs: number): Promise<void> {
    if (delayMs <= 0) return;
    const moment = this.#now + delayMs;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const others = this.#sleepers.get(moment);
    if (others === undefined) {
      this.#sleepers.set(moment, [() => resolve(undefined)]);
      this.at(moment, () => this.#wake(moment));
    } else others.push(() => resolve(undefined));
    await promise;
  }

  #wake(moment: number): void {
    const sleepers = this.#sleepers.get(moment) ?? [];
    this.#sleepers.delete(moment);
    for (const wake of sleepers) wake();
  }

  /** Grows whenever time passes or a timer is set. */
  moves(): number {
    return this.#now + this.#order;
  }

  describe(): string {
    const set = this.#heap.filter(({ run }) => run !== null).length;
    return `the clock stands at ${this.#now} ms, and ${set} timers are set for later`;
  }

  /** Lives until `until`, or until `isOver` says so after something happened. */
  async run(until: number, isOver: () => boolean): Promise<void> {
    await settled();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > until || isOver()) break;
      this.#pop();
      if (next.run === null) continue;
      this.#now = next.at;
      next.run();
      await settled();
    }
    if (!isOver()) this.#now = Math.max(this.#now, until);
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(heap[index], heap[parent])) break;
      swap(heap, index, parent);
      index = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    swap(heap, 0, heap.length - 1);
    heap.pop();
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const sooner = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!isBefore(heap[sooner], heap[index])) return;
      swap(heap, index, sooner);
      index = sooner;
    }
  }
}

/** Every promise that can go on has gone on: nothing here waits for the real world. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(a: Timer | undefined, b: Timer | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function swap(heap: Timer[], index: number, other: number): void {
  const [a, b] = [heap[index], heap[other]];
  if (a === undefined || b === undefined) return;
  heap[index] = b;
  heap[other] = a;
}
