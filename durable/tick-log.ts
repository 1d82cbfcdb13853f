/** What the last tick did; kept in memory, for people. */
export interface LastTick {
  readonly number: number;
  /** When the last good tick ended. */
  readonly at: number;
  readonly durationMs: number;
  readonly decision: string;
  readonly error: string | null;
}

/** The tick that is under way, and the last one. */
export class TickLog {
  #tick: { number: number; beganAt: number; decision: string } | null = null;
  #last: LastTick | null = null;

  get last(): LastTick | null {
    return this.#last;
  }

  begin(number: number, beganAt: number): void {
    this.#tick = { number, beganAt, decision: "" };
  }

  decide(decision: string): void {
    if (this.#tick !== null) this.#tick = { ...this.#tick, decision };
  }

  /** A failed tick does not make the fleet look alive: its time stays that of the last good one, or of the birth. */
  end(now: number, error: string | null, bornAt: number): void {
    const tick = this.#tick;
    this.#tick = null;
    if (tick === null) return;
    const { number, beganAt, decision } = tick;
    const at = error === null ? now : (this.#last?.at ?? bornAt);
    this.#last = { number, at, durationMs: now - beganAt, decision, error };
  }
}
