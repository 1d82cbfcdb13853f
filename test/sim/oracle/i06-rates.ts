/**
 * I6: creates and deletes per window stay within their caps, counted at the cloud. An hour counts from
 * call to call and is a minute short, for a call comes up to half a minute after its decision. A
 * delete that is asked for again counts once; a forced one does not count. A new ledger cannot know
 * what the lost one did, so the count begins anew with it. Per tick, decisions are counted as committed.
 */
import type { Invariant, Truth } from "./invariant.ts";
import { incarnationOf } from "./rows.ts";
import {
  type CallEvent,
  carriedOut,
  type CommitEvent,
  isCreate,
  leastAge,
  type Moment,
  momentOf,
  mostAge,
} from "./sightings.ts";

const WINDOW_MS = 3_600_000 - 60_000;

interface Counted extends Moment {
  readonly count: number;
}

interface Caps extends Moment {
  readonly launches: number;
  readonly deletes: number;
}

export const rates: Invariant = {
  id: "I6",
  says: "creates and deletes per window stay within their caps",
  start: () => {
    const hour = new Hour();
    return (event, truth) => {
      if (event.kind === "stateLost") hour.begin(truth);
      if (event.kind === "commit") {
        hour.cap(truth);
        return tickProblem(event, truth);
      }
      const call = carriedOut(event);
      return call === null ? null : hour.count(call, truth);
    };
  },
};

class Hour {
  #creates: Counted[] = [];
  #deletes: Counted[] = [];
  #caps: Caps[] = [];
  #incarnation: string | null = null;
  readonly #deleted = new Set<string>();

  begin(truth: Truth): void {
    this.#creates = [];
    this.#deletes = [];
    this.#incarnation = incarnationOf(truth);
  }

  cap(truth: Truth): void {
    if (truth.spec === null) return;
    const { maxLaunchesPerHour: launches, maxDeletesPerHour: deletes } = truth.spec.limits;
    const last = this.#caps.at(-1);
    if (last?.launches === launches && last.deletes === deletes) return;
    this.#caps.push({ ...momentOf(truth), launches, deletes });
  }

  count(call: CallEvent, truth: Truth): string | null {
    const isDelete = call.op === "DeleteInstance";
    if (!isDelete && !isCreate(call)) return null;
    const incarnation = incarnationOf(truth);
    if (incarnation !== this.#incarnation) this.begin(truth);
    if (isDelete) return this.#countDelete(call, truth);
    this.#creates.push({ ...momentOf(truth), count: call.names.length });
    const limit = this.#largest("launches", truth);
    return problem("launches", total(this.#creates, truth), limit);
  }

  #countDelete(call: CallEvent, truth: Truth): string | null {
    const fresh = call.before.filter(
      ({ arn, name }) => !this.#deleted.has(arn) && !truth.isForced(name),
    );
    for (const { arn } of fresh) this.#deleted.add(arn);
    if (fresh.length === 0) return null;
    this.#deletes.push({ ...momentOf(truth), count: fresh.length });
    return problem("deletes", total(this.#deletes, truth), this.#largest("deletes", truth));
  }

  /** The largest cap that ruled in the window; null before any is known. */
  #largest(what: "launches" | "deletes", truth: Truth): number | null {
    const now = momentOf(truth);
    const ruling = this.#caps.filter((_, index) => {
      const next = this.#caps[index + 1];
      return next === undefined || leastAge(next, now) < WINDOW_MS;
    });
    return ruling.length === 0 ? null : Math.max(...ruling.map((caps) => caps[what]));
  }
}

/** How many there are in the window; older ones are forgotten. */
function total(counted: Counted[], truth: Truth): number {
  const now = momentOf(truth);
  const kept = counted.filter((each) => mostAge(each, now) < WINDOW_MS);
  counted.splice(0, counted.length, ...kept);
  return kept.reduce((sum, { count }) => sum + count, 0);
}

function problem(what: string, count: number, limit: number | null): string | null {
  return limit !== null && count > limit
    ? `${count} ${what} in an hour, the cap is ${limit}`
    : null;
}

function tickProblem({ moves }: CommitEvent, truth: Truth): string | null {
  if (moves.length === 0 || truth.spec === null) return null;
  const { maxLaunchesPerTick, maxDeletesPerTick } = truth.spec.limits;
  const launches = moves.filter(({ from, to }) => from === null && to === "planned").length;
  if (launches > maxLaunchesPerTick)
    return `${launches} launches in a tick, the cap is ${maxLaunchesPerTick}`;
  const deletes = moves.filter(({ name, to }) => to === "deleting" && !truth.isForced(name)).length;
  return deletes > maxDeletesPerTick
    ? `${deletes} deletes in a tick, the cap is ${maxDeletesPerTick}`
    : null;
}
