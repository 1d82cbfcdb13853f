/** The calendar, which the rules do not know: AWS bills by calendar months in UTC. */
import type { Month } from "../rules/spend.ts";

export function monthOf(at: number): Month {
  const date = new Date(at);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { startsAt: Date.UTC(year, month, 1), endsAt: Date.UTC(year, month + 1, 1) };
}
