/** The history, as the chart draws it: columns of equal length, in seconds since the epoch. */

/**
 * @import { HistoryView } from "../../../durable/rules/history-views.ts"
 * @import { Status } from "../../../durable/rules/views.ts"
 * @typedef {[number[], (number | null)[], (number | null)[], (number | null)[]]} Columns times, busy, spares, target
 */

/** There is a sample an hour at the least; where two are further apart, the fleet did not tick. */
const GAP_MS = 2.1 * 3_600_000;

/**
 * @param {HistoryView} history
 * @param {Status | null} status what is now, which no sample tells yet
 * @param {number} now
 * @returns {Columns}
 */
export function columnsOf({ points }, status, now) {
  /** @type {Columns} */
  const columns = [[], [], [], []];
  /** @type {(at: number, busy: number | null, spares: number | null, target: number | null) => void} */
  const push = (at, busy, spares, target) => {
    columns[0].push(at / 1_000);
    columns[1].push(busy);
    columns[2].push(spares);
    columns[3].push(target);
  };
  let before = null;
  for (const { at, busy, spares, target } of points) {
    const time = Date.parse(at);
    if (before !== null && time - before > GAP_MS) push(before + GAP_MS, null, null, null);
    push(time, busy, spares, target);
    before = time;
  }
  if (status !== null && (before === null || now > before))
    push(now, status.counts.busy, status.spares, status.target.spares);
  return columns;
}

/**
 * The chart in a sentence, for those who do not see it.
 * @param {Columns} columns
 * @param {string} span such as `the last hour`
 * @param {(at: number) => string} clock
 */
export function summaryOf([times, , spares, target], span, clock) {
  let [least, leastAt, shortSeconds] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const [index, time] of times.entries()) {
    const [has, wants] = [spares[index] ?? null, target[index] ?? null];
    if (has === null || wants === null) continue;
    if (has < least) [least, leastAt] = [has, time];
    if (has < wants) shortSeconds += (times[index + 1] ?? time) - time;
  }
  if (least === Number.POSITIVE_INFINITY) return `Nothing is known of ${span} yet.`;
  const whole = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const share = whole === 0 ? 0 : Math.round((shortSeconds / whole) * 100);
  return `In ${span} there were at the least ${least} spares (at ${clock(leastAt * 1_000)}); the target was met for ${100 - share} % of the time.`;
}
