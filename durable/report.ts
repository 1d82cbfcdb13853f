/** What people are shown, out of the engine's state: pure but for the calendar. */
import type { BindingGuard, LastTick } from "./engine.ts";
import type { Instance, Pause } from "./rules/model.ts";
import { occupancyOf, type Tally, tally } from "./rules/occupancy.ts";
import { isOutdated, paidUntil } from "./rules/retire.ts";
import type { State } from "./rules/state.ts";
import { type Link, type Target, targetOf } from "./rules/target.ts";
import { LAUNCHING } from "./rules/transition.ts";
import type {
  BlockerView,
  InstanceView,
  PauseView,
  Status,
  TargetLink,
  TargetView,
  TickView,
} from "./rules/views.ts";

export function statusOf(
  state: State,
  guards: readonly BindingGuard[],
  lastTick: LastTick | null,
): Status {
  const counts = tally(state);
  const target = targetOf(state, counts.sessions);
  return {
    fleet: state.identity.fleet,
    region: state.spec.region,
    mode: state.spec.mode,
    removing: state.removing !== null,
    target: targetViewOf(state, target),
    spares: counts.spares,
    sessions: counts.sessions,
    counts: countsOf(state, counts),
    converged: isConverged(state, counts, target),
    paused: pausesOf(state),
    blockers: guards.map((guard) => blockerOf(guard)),
    lastTick: tickOf(lastTick),
  };
}

export function targetOfState(state: State): TargetView {
  return targetViewOf(state, targetOf(state, tally(state).sessions));
}

export function pausesOf(state: State): PauseView[] {
  return state.pauses
    .filter(({ until }) => until === null || until > state.now)
    .map(({ what, since, until, reason, actor }: Pause) => ({
      what,
      since: iso(since),
      until: isoOrNull(until),
      reason,
      actor,
    }));
}

export function instanceOf(state: State, row: Instance): InstanceView {
  const waits = row.step !== null;
  return {
    name: row.name,
    phase: row.phase,
    step: row.step,
    attempts: row.attempts,
    nextAttemptAt: waits && row.nextAttemptAt > 0 ? iso(row.nextAttemptAt) : null,
    lastError: row.lastError,
    occupancy: occupancyOf(state, row),
    sessions: row.sessions,
    capacity: state.spec.health.capacity,
    addresses: { public: row.publicIp, private: row.privateIp, ipv6: row.ipv6 },
    zone: row.zone,
    arn: row.arn,
    createdAt: isoOrNull(row.createdAt),
    readyAt: isoOrNull(row.readyAt),
    idleSince: isoOrNull(row.idleSince),
    busySince: isoOrNull(row.busySince),
    lastReadingAt: isoOrNull(state.memory.freshness.get(row.name)?.readAt ?? null),
    paidUntil:
      row.createdAt === null || row.phase === "gone" ? null : iso(paidUntil(row, state.now)),
    drainReason: row.drainReason,
    adopted: row.adopted,
    outdated: isOutdated(state, row),
    goneAt: isoOrNull(row.goneAt),
  };
}

/** As many spares as wanted, all of them seen, and nothing under way. */
function isConverged(state: State, counts: Tally, target: Target): boolean {
  const underWay = [...state.instances.values()].some(
    ({ phase }) => LAUNCHING.has(phase) || phase === "deleting",
  );
  return !underWay && counts.unknown === 0 && counts.spares >= target.spares;
}

function countsOf(state: State, counts: Tally): Status["counts"] {
  const { idle, busy, unknown, launching, draining, deleting } = counts;
  const total = state.instances.size - counts.lost;
  return { idle, busy, unknown, launching, draining, deleting, total };
}

function targetViewOf(state: State, target: Target): TargetView {
  const winner = target.chain.find((link) => link.spares !== null);
  return {
    spares: target.spares,
    source: target.source,
    expression: target.expression,
    reason: target.reason,
    until: isoOrNull(target.until),
    chain: target.chain.map((link) => linkOf(state, link, link === winner)),
  };
}

function linkOf(state: State, link: Link, won: boolean): TargetLink {
  const { source, expression, spares, readAt, until, note } = link;
  const ageSeconds = readAt === null ? null : Math.round((state.now - readAt) / 1000);
  return { source, expression, spares, won, ageSeconds, until: isoOrNull(until), note };
}

function blockerOf({ guard, value, limit, since, retryAt, fix }: BindingGuard): BlockerView {
  return { guard, value, limit, since: iso(since), retryAt: isoOrNull(retryAt), fix };
}

function tickOf(last: LastTick | null): TickView | null {
  return last === null ? null : { ...last, at: iso(last.at) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at);
}
