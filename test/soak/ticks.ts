/**
 * How many ticks there were, from the numbers that the status shows now and then. After a crash they
 * go on at the next reserved block: of such a leap only as many count as the time can have held.
 */
export class Ticks {
  readonly #tickMs: number;
  #count = 0;
  #last = 0;
  #lookedAtMs: number;

  constructor(tickMs: number, nowMs: number) {
    this.#tickMs = tickMs;
    this.#lookedAtMs = nowMs;
  }

  get count(): number {
    return this.#count;
  }

  /** The Worker has started anew: there was no tick since the last look. */
  startedAgain(nowMs: number): void {
    this.#lookedAtMs = nowMs;
  }

  saw(number: number, nowMs: number): void {
    const possible = Math.ceil((nowMs - this.#lookedAtMs) / this.#tickMs) + 1;
    this.#count += Math.min(Math.max(0, number - this.#last), possible);
    this.#last = number;
    this.#lookedAtMs = nowMs;
  }
}
