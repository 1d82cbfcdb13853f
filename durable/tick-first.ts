/**
 * The tick goes before reads. Requests and alarms come to the object in one line: reads that stand before a
 * tick that is due step aside, so that it waits for the one that has begun and for no other.
 */

/** An alarm that has not come by then may be lost; what people read must not hang on it. */
const STEP_ASIDE_MS = 500;

export class TickFirst {
  readonly #wait: (ms: number) => Promise<void>;
  #dueAt = Infinity;
  /** The alarm of the next tick cannot come before this one has ended. */
  #isTicking = false;
  #waiting: (() => void)[] = [];

  constructor(wait: (ms: number) => Promise<void>) {
    this.#wait = wait;
  }

  /** An alarm was set; the first that is due counts. */
  arm(at: number): void {
    this.#dueAt = Math.min(this.#dueAt, at);
  }

  /** The tick has begun, and the alarm of the next one is not set yet. */
  began(): void {
    this.#dueAt = Infinity;
    this.#isTicking = true;
    this.#release();
  }

  ended(): void {
    this.#isTicking = false;
  }

  /** Resolves at once, but for a read that came while a tick is due. */
  async pass(now: number): Promise<void> {
    if (this.#isTicking || now < this.#dueAt) return;
    const isFirst = this.#waiting.length === 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    if (isFirst) void this.#giveUp();
    await promise;
  }

  async #giveUp(): Promise<void> {
    const waiting = this.#waiting;
    await this.#wait(STEP_ASIDE_MS);
    if (waiting !== this.#waiting) return;
    this.#dueAt = Infinity;
    this.#release();
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
