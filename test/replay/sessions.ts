/** Demand as sessions whose clock begins with the day in which the first of them starts. */
import { UsageError } from "../aws/command-line.ts";
import type { Demand, Session } from "./csv.ts";
import { createRandom } from "../aws/demand/random.ts";

const DAY = 86_400;

interface Open {
  /** Mean length of a session, and the seed of what counts leave open. */
  readonly meanSeconds: number;
  readonly seed: number;
}

/** Counts become sessions that start anywhere in their bin, and last exponentially long. */
export function sessionsOf(
  demand: Demand,
  open: Open,
): { readonly sessions: readonly Session[]; readonly until: number } {
  const drawn = demand.kind === "sessions" ? demand.sessions : drawnOf(demand.bins, open);
  const first = (demand.kind === "sessions" ? demand.sessions : demand.bins)[0]?.start ?? 0;
  const origin = Math.floor(first / DAY) * DAY;
  const sessions = drawn.map(({ start, seconds }) => ({ start: start - origin, seconds }));
  const last = sessions.at(-1)?.start ?? 0;
  return { sessions, until: Math.ceil((last + 1) / DAY) * DAY };
}

function drawnOf(bins: Extract<Demand, { kind: "bins" }>["bins"], open: Open): Session[] {
  const random = createRandom(open.seed, "sessions");
  const [one, two] = bins;
  if (one === undefined || two === undefined)
    throw new UsageError("A CSV of counts needs two bins: they say how long a bin is.");
  let width = two.start - one.start;
  const sessions: Session[] = [];
  for (const [index, { start, count }] of bins.entries()) {
    width = (bins[index + 1]?.start ?? start + width) - start;
    for (let each = 0; each < Math.round(count); each++)
      sessions.push({
        start: start + random() * width,
        seconds: -Math.log(1 - random()) * open.meanSeconds,
      });
  }
  return sessions.toSorted((a, b) => a.start - b.start);
}
