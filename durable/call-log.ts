/**
 * The calls of a fleet that its account has not confirmed to have heard of. They live in memory: those of
 * a tick in which the object died are not reported, and AWS's next refusal makes up for them.
 */
import type { TickCalls } from "./rules/account.ts";
import type { CallReport } from "./rules/world.ts";

/** While the account cannot be reached, older ticks are forgotten: they say nothing of a bucket any more. */
const TICKS_MAX = 60;

export class CallLog {
  #ticks: TickCalls[] = [];

  get ticks(): readonly TickCalls[] {
    return this.#ticks;
  }

  add(tick: number, calls: readonly CallReport[]): void {
    if (calls.length === 0) return;
    const last = this.#ticks.at(-1);
    const isSame = last !== undefined && last.tick === tick;
    const earlier = isSame ? this.#ticks.slice(0, -1) : this.#ticks;
    const all = isSame ? [...last.calls, ...calls] : [...calls];
    this.#ticks = [...earlier, { tick, calls: all }].slice(-TICKS_MAX);
  }

  /** The account has heard of every call up to this tick. */
  heard(tick: number): void {
    this.#ticks = this.#ticks.filter((each) => each.tick > tick);
  }
}
