/** When one entry of the schedule begins, and when it ends for good. */
import type { ScheduleEntry } from "../rules/spec.ts";
import { type LocalTimes, localTimesOf } from "./cron.ts";
import { type LocalInstant, instantOf, latestLocal, localTime } from "./timezone.ts";

const DAY = 86_400_000;
/**
 * So far the past and the future are looked through. What an entry said longer ago counts as never
 * said: the 29th of February comes at least every eight years, and nothing comes more rarely.
 */
export const HORIZON = 10 * 366 * DAY;

/** The times of an entry around a moment that moves; what is found is kept while it holds. */
export class EntryTimes {
  readonly entry: ScheduleEntry;
  /** The end of the entry's last local date; null for one that does not end. */
  readonly end: LocalInstant | null;
  readonly #times: LocalTimes;
  #now: number;
  #last: LocalInstant | null | undefined;
  #next: LocalInstant | null | undefined;

  constructor(entry: ScheduleEntry, now: number) {
    this.entry = entry;
    this.end =
      entry.until === null ? null : instantOf(entry.timezone, localTime(entry.until) + DAY);
    this.#times = localTimesOf(entry.cron);
    this.#now = now;
  }

  moveTo(now: number): void {
    const next = this.#next ?? null;
    const stays = this.#now <= now && next !== null && now < next.at;
    this.#now = now;
    if (stays) return;
    this.#last = undefined;
    this.#next = undefined;
  }

  get ended(): boolean {
    return this.end !== null && this.end.at <= this.#now;
  }

  /** The latest beginning until now, of an entry that has not ended. */
  get last(): LocalInstant | null {
    if (this.ended) return null;
    if (this.#last === undefined) {
      const local = this.#times.lastUntil(latestLocal(this.entry.timezone, this.#now));
      this.#last = local === null ? null : instantOf(this.entry.timezone, local);
    }
    return this.#last !== null && this.#last.at >= this.#now - HORIZON ? this.#last : null;
  }

  /** The first beginning after now, though the entry may have ended by then. */
  get next(): LocalInstant | null {
    if (this.ended) return null;
    if (this.#next === undefined) this.#next = this.#findNext();
    return this.#next !== null && this.#next.at <= this.#now + HORIZON ? this.#next : null;
  }

  #findNext(): LocalInstant | null {
    const local = this.#times.firstAfter(latestLocal(this.entry.timezone, this.#now));
    return local === null ? null : instantOf(this.entry.timezone, local);
  }
}
