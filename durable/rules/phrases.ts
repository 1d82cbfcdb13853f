/** Numbers as a person reads them who was woken by them. */

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** `1 server`, `3 servers`. */
export function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `is` or `are`, for so many. */
export function areOf(count: number): string {
  return count === 1 ? "is" : "are";
}

/** `40 seconds`, `12 minutes`, `3 hours`, `2 days`: whole ones, rounded down. */
export function lasted(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 2 * MINUTE_MS) return many(Math.floor(whole / 1000), "second");
  if (whole < 2 * HOUR_MS) return many(Math.floor(whole / MINUTE_MS), "minute");
  if (whole < 2 * DAY_MS) return many(Math.floor(whole / HOUR_MS), "hour");
  return many(Math.floor(whole / DAY_MS), "day");
}

/** `$1,234`, and cents below ten dollars. */
export function dollars(usd: number): string {
  if (usd < 10) return `$${usd.toFixed(2)}`;
  return `$${String(Math.round(usd)).replace(/\B(?=(\d{3})+$)/gu, ",")}`;
}

/** A sentence ends with a full stop. */
export function sentence(text: string): string {
  return /[.!?…]$/u.test(text) ? text : `${text}.`;
}
